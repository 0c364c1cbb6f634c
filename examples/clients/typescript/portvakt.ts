// A client for TypeScript and JavaScript, in one file and without dependencies: decisions, searches,
// what is missing, changes. For Node 18 and later, and browsers.
//
//   const portvakt = new Portvakt({ url: "https://portvakt.example.com", key });
//   if (await portvakt.may({ type: "user", id: "david" }, "bokforing.verifikation.las",
//                          { type: "client", id: "alfa" })) { .. }
//
// Every function rejects with a PortvaktError when there is no answer: no answer is no permit.

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Values = { [name: string]: Json };

export interface EntityName {
  type: string;
  id: string;
}

export interface Entity extends EntityName {
  /** What the policy declares as `from request`. */
  properties?: Values;
}

export interface Evaluation {
  subject: Entity;
  action: { name: string; properties?: Values };
  resource: Entity;
  context?: Values;
}

export interface Reason {
  code: string;
  text: string;
}

export interface Decision {
  decision: boolean;
  context?: {
    /** What the policy asks of the caller on a permit. */
    obligations?: { id: string; text: string }[];
    /** Of an item of a batch that could not be understood; it is denied. */
    error?: { status: number; message: string };
  };
}

/** One of the members says what is changed. */
export interface Change {
  add?: Fact & { from?: string; until?: string };
  remove?: Fact;
  seats?: { pool: EntityName; licence: string; seats: number };
  create?: EntityName & { attributes?: Values };
  set?: EntityName & { attributes: Values };
  delete?: EntityName;
}

export interface Fact {
  subject: EntityName;
  /** A fact's verb, `is` for a role, `holds` for a licence. */
  relation: string;
  symbol?: string;
  program?: string;
  object?: EntityName;
}

export interface Step {
  kind: string;
  text: string;
  change?: Change;
  context?: string;
  wanted?: string;
  rules: string[];
  actor_may: boolean;
  actor_reasons: Reason[];
  who: EntityName[];
  more_who: boolean;
  operator_only: boolean;
}

export interface Missing {
  permitted: boolean;
  reasons: Reason[];
  plans: { cost: number; steps: Step[] }[];
  unmendable: { rule: string; place: string; reasons: Reason[] }[];
  complete: boolean;
  more_plans: boolean;
  revision: number;
  policy: number;
}

export interface ChangeRequest {
  /** Left out by a caller that is the actor. */
  actor?: EntityName;
  second?: EntityName;
  changes: Change[];
  context?: Values;
  expected_revision?: number;
  reason?: string;
  ticket?: string;
  dry_run?: boolean;
}

export interface ChangeResult {
  outcome: "applied" | "unchanged" | "dry_run";
  repeated: boolean;
  revision: number;
  policy: number;
  verdicts: { outcome: string; reasons: Reason[] }[];
}

export class PortvaktError extends Error {
  constructor(
    /** Of HTTP; 0 when no answer came at all. */
    readonly status: number,
    /** Stable: `no_connection`, or the problem's own. */
    readonly code: string,
    detail: string,
    /** The whole problem: of a refused change its verdicts. */
    readonly problem: Values = {},
  ) {
    super(detail);
    this.name = "PortvaktError";
  }
}

export interface Options {
  /** Without a slash at the end. */
  url: string;
  /** An API key or a JWT; sent as a bearer. */
  key?: string;
  /** Of a whole request; 2000 if left out. */
  timeoutMs?: number;
}

interface Page {
  page?: { next_token: string };
  results: Values[];
}

export class Portvakt {
  constructor(private readonly options: Options) {}

  async may(
    subject: Entity,
    action: string,
    resource: Entity,
    context?: Values,
  ): Promise<boolean> {
    const answer = await this.evaluate({ subject, action: { name: action }, resource, context });
    return answer.decision;
  }

  async evaluate(evaluation: Evaluation): Promise<Decision> {
    return decisionOf(await this.post("/access/v1/evaluation", evaluation));
  }

  /** One decision an evaluation, in their order. At most 1,000. */
  async evaluateAll(evaluations: Evaluation[]): Promise<Decision[]> {
    if (evaluations.length === 0) return [];
    const answer = await this.post<{ evaluations: unknown[] }>("/access/v1/evaluations", {
      evaluations,
    });
    if (!Array.isArray(answer.evaluations) || answer.evaluations.length !== evaluations.length) {
      throw strange();
    }
    return answer.evaluations.map(decisionOf);
  }

  /** Ids of all entities of `type` for which the action is permitted. Fetches every page. */
  subjects(type: string, action: string, resource: Entity, context?: Values): Promise<string[]> {
    const body = { subject: { type }, action: { name: action }, resource, context };
    return this.searchAll("/access/v1/search/subject", body, "id");
  }

  resources(subject: Entity, action: string, type: string, context?: Values): Promise<string[]> {
    const body = { subject, action: { name: action }, resource: { type }, context };
    return this.searchAll("/access/v1/search/resource", body, "id");
  }

  /** Names of the permissions that the subject has there. */
  actions(subject: Entity, resource: Entity, context?: Values): Promise<string[]> {
    return this.searchAll("/access/v1/search/action", { subject, resource, context }, "name");
  }

  missing(
    question: Evaluation & { actor?: EntityName; max_plans?: number; max_who?: number },
  ): Promise<Missing> {
    return this.post("/v1/missing", question);
  }

  /** Rejects with `refused` and the verdicts when rules or limits do not allow it. */
  change(request: ChangeRequest, idempotencyKey?: string): Promise<ChangeResult> {
    const fields: Record<string, string> = {};
    if (idempotencyKey !== undefined) fields["Idempotency-Key"] = idempotencyKey;
    return this.post("/v1/changes", request, fields);
  }

  /** Any endpoint that takes a JSON object and answers with one. */
  async post<T>(path: string, body: object, fields: Record<string, string> = {}): Promise<T> {
    const headers: Record<string, string> = { "Content-Type": "application/json", ...fields };
    if (this.options.key !== undefined) headers.Authorization = `Bearer ${this.options.key}`;
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), this.options.timeoutMs ?? 2000);
    let status: number;
    let text: string;
    try {
      const response = await fetch(this.options.url + path, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
        signal: timeout.signal,
      });
      status = response.status;
      text = await response.text();
    } catch (fault) {
      throw new PortvaktError(0, "no_connection", String(fault));
    } finally {
      clearTimeout(timer);
    }
    return read(status, text) as T;
  }

  private async searchAll(path: string, body: object, member: string): Promise<string[]> {
    const found: string[] = [];
    let token: string | undefined;
    do {
      const page = token === undefined ? body : { ...body, page: { token } };
      const answer = await this.post<Page>(path, page);
      if (!Array.isArray(answer.results)) throw strange();
      for (const one of answer.results) found.push(String(one[member]));
      token = answer.page?.next_token || undefined;
    } while (token !== undefined);
    return found;
  }
}

function strange(): PortvaktError {
  return new PortvaktError(200, "strange_answer", "the answer is not what was asked for");
}

function read(status: number, text: string): unknown {
  let value: Values;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PortvaktError(status, "strange_answer", "the answer is not JSON");
  }
  if (status === 200) return value;
  throw new PortvaktError(status, String(value.code ?? ""), String(value.detail ?? ""), value);
}

function decisionOf(value: unknown): Decision {
  if (typeof (value as Decision)?.decision !== "boolean") throw strange();
  return value as Decision;
}
