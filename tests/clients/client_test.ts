// What the TypeScript client must do against a server with policies/byra and examples/norr:
// client_test.js http://ADDRESS:PORT. Ends with 1 and says what differed.
import { Portvakt, PortvaktError } from "../../examples/clients/typescript/portvakt";

declare const process: { argv: string[]; exit(code: number): never };

let faults = 0;
function expect(what: string, found: unknown, wanted: unknown): void {
  if (JSON.stringify(found) === JSON.stringify(wanted)) return;
  console.log(`${what}: found ${JSON.stringify(found)}, wanted ${JSON.stringify(wanted)}`);
  ++faults;
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "no error";
  } catch (fault) {
    return fault instanceof PortvaktError ? fault.code : String(fault);
  }
}

async function run(url: string): Promise<void> {
  const portvakt = new Portvakt({ url });
  const david = { type: "user", id: "david" };
  const alfa = { type: "client", id: "alfa" };
  const beta = { type: "client", id: "beta" };
  const delta = { type: "client", id: "delta" };
  const read = "bokforing.verifikation.las";

  expect("permit", await portvakt.may(david, read, alfa), true);
  expect("deny", await portvakt.may(david, read, delta), false);
  const both = await portvakt.evaluateAll([
    { subject: david, action: { name: read }, resource: alfa },
    { subject: david, action: { name: read }, resource: delta },
  ]);
  expect("many", both.map((one) => one.decision), [true, false]);
  expect("none", await portvakt.evaluateAll([]), []);
  expect("who", await portvakt.subjects("user", read, alfa), ["cia", "david"]);
  expect("where", await portvakt.resources(david, read, "client"), ["alfa"]);
  expect("what", (await portvakt.actions(david, beta)).length, 3);

  const write = { subject: david, action: { name: "bokforing.verifikation.skapa" }, resource: beta };
  const berit = { type: "user", id: "berit" };
  const missing = await portvakt.missing({ ...write, actor: berit });
  const change = missing.plans[0]?.steps[0]?.change;
  expect("may make the step", missing.plans[0]?.steps[0]?.actor_may, true);
  if (change !== undefined) {
    const made = await portvakt.change({ actor: berit, changes: [change] }, "a-key");
    expect("change", made.outcome, "applied");
    const again = await portvakt.change({ actor: berit, changes: [change] }, "a-key");
    expect("repeated", again.repeated, true);
    expect("permitted now", (await portvakt.evaluate(write)).decision, true);
    const eva = { type: "user", id: "eva" };
    const back = portvakt.change({ actor: eva, changes: [{ remove: change.add }] });
    expect("refused", await codeOf(back), "refused");
  }
  expect("problem", await codeOf(portvakt.post("/v1/missing", {})), "missing_member");
  const nobody = new Portvakt({ url: "http://127.0.0.1:1" });
  expect("no server", await codeOf(nobody.may(david, read, alfa)), "no_connection");
}

run(process.argv[2] ?? "").then(
  () => process.exit(faults === 0 ? 0 : 1),
  (fault) => {
    console.log(fault);
    process.exit(1);
  },
);
