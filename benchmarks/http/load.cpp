// The load generator: a closed loop over n connections from one thread, each request a body of a
// file in turn. Prints one line of JSON: how many requests, how fast, how long each took, how many
// were permitted and denied, and what the server process spent on them.
//
//   bench_load --port 8080 --bodies FILE [--path PATH] [--connections N] [--seconds S]
//              [--pid PID]     CPU of this process, from /proc
//              [--ca FILE]     TLS, with this authority
//              [--field LINE]  one more header field
//              [--drop N]      every Nth request is cut off half-way and its connection closed
//              [--once FILE]   each body once on one connection; a verdict a line goes to FILE
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "benchmarks/http/connection.h"

namespace portvakt::benchmarks {
namespace {

using Clock = std::chrono::steady_clock;
// Latencies kept for the percentiles; a run that answers more keeps the first.
constexpr size_t kMostLatencies = 1 << 24;

struct Options {
  std::map<std::string, std::string> values;
  std::string Text(const std::string& name, const std::string& otherwise = "") const {
    const auto found = values.find(name);
    return found == values.end() ? otherwise : found->second;
  }
  double Number(const std::string& name, double otherwise) const {
    const auto found = values.find(name);
    return found == values.end() ? otherwise : std::atof(found->second.c_str());
  }
};

struct Counts {
  uint64_t answered = 0;
  uint64_t permits = 0;
  uint64_t denies = 0;
  uint64_t failed = 0;   // answers that are no decision, and requests that got none
  uint64_t dropped = 0;  // by us, on purpose
  uint64_t opened = 0;
  std::vector<uint32_t> latencies_ns;
};

[[noreturn]] void Die(const std::string& what) {
  std::cerr << "bench_load: " << what << '\n';
  std::exit(2);
}

std::vector<std::string> ReadRequests(const Options& options) {
  std::ifstream file(options.Text("bodies"));
  std::vector<std::string> requests;
  std::string head = "POST " + options.Text("path", "/access/v1/evaluation") +
                     " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  if (const std::string field = options.Text("field"); !field.empty()) head += field + "\r\n";
  for (std::string body; std::getline(file, body);) {
    requests.push_back(head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  if (requests.empty()) Die("no bodies in `" + options.Text("bodies") + "`");
  return requests;
}

size_t CountOf(std::string_view text, std::string_view what) {
  size_t count = 0;
  for (size_t at = text.find(what); at != std::string_view::npos;
       at = text.find(what, at + what.size())) {
    ++count;
  }
  return count;
}

// User and system time of a process, in seconds. Waited-for children are not in it.
double CpuSeconds(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string line;
  std::getline(file, line);
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) Die("there is no process " + pid);
  // After the name: state is field 3, utime 14, stime 15.
  unsigned long user = 0, system = 0;
  std::sscanf(line.c_str() + name_end + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
              &user, &system);
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

class Load {
 public:
  Load(const Target& target, const std::vector<std::string>& requests, uint64_t drop_every)
      : target_(target), requests_(requests), drop_every_(drop_every), poll_(epoll_create1(0)) {}
  ~Load() { ::close(poll_); }

  void Run(size_t connections, Clock::time_point end) {
    lanes_.resize(connections);
    for (Lane& lane : lanes_) Reopen(lane);
    for (Lane& lane : lanes_) SendNext(lane);
    std::vector<epoll_event> events(connections);
    while (Clock::now() < end) {
      const int count = epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 100);
      for (int i = 0; i < count; ++i) Serve(lanes_[events[static_cast<size_t>(i)].data.u64]);
    }
  }
  Counts& counts() { return counts_; }

 private:
  struct Lane {
    std::unique_ptr<Connection> connection;
    Clock::time_point sent;
    bool waits_to_write = false;
  };

  void Watch(Lane& lane, int operation) {
    epoll_event event{};
    lane.waits_to_write = lane.connection->wants_to_write();
    event.events = EPOLLIN;
    if (lane.waits_to_write) event.events |= EPOLLOUT;
    event.data.u64 = static_cast<uint64_t>(&lane - lanes_.data());
    epoll_ctl(poll_, operation, lane.connection->descriptor(), &event);
  }

  void Reopen(Lane& lane) {
    lane.connection = Connection::Open(target_);
    if (!lane.connection) Die("cannot connect to port " + std::to_string(target_.port));
    ++counts_.opened;
    Watch(lane, EPOLL_CTL_ADD);
  }

  void SendNext(Lane& lane) {
    while (drop_every_ > 0 && ++sent_ % drop_every_ == 0) {
      const std::string& request = requests_[next_];
      lane.connection->Send(std::string_view(request).substr(0, request.size() / 2));
      ++counts_.dropped;
      Reopen(lane);
    }
    lane.sent = Clock::now();
    const auto progress = lane.connection->Send(requests_[next_]);
    next_ = (next_ + 1) % requests_.size();
    if (progress == Connection::Progress::kBroken) {
      ++counts_.failed;
      Reopen(lane);
    } else if (lane.connection->wants_to_write() != lane.waits_to_write) {
      Watch(lane, EPOLL_CTL_MOD);
    }
  }

  void Serve(Lane& lane) {
    const auto progress = lane.connection->Advance();
    if (lane.connection->wants_to_write() != lane.waits_to_write) Watch(lane, EPOLL_CTL_MOD);
    if (progress == Connection::Progress::kUnderWay) return;
    if (progress == Connection::Progress::kBroken) {
      ++counts_.failed;
      Reopen(lane);
    } else {
      Count(*lane.connection, Clock::now() - lane.sent);
      if (lane.connection->closes()) Reopen(lane);
    }
    SendNext(lane);
  }

  void Count(const Connection& connection, Clock::duration taken) {
    const size_t permits = CountOf(connection.body(), "\"decision\":true");
    const size_t denies = CountOf(connection.body(), "\"decision\":false");
    if (connection.status() != 200 || permits + denies == 0) ++counts_.failed;
    ++counts_.answered;
    counts_.permits += permits;
    counts_.denies += denies;
    if (counts_.latencies_ns.size() == kMostLatencies) return;
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(taken).count();
    counts_.latencies_ns.push_back(static_cast<uint32_t>(std::min<int64_t>(ns, UINT32_MAX)));
  }

  const Target& target_;
  const std::vector<std::string>& requests_;
  const uint64_t drop_every_;
  const int poll_;
  std::vector<Lane> lanes_;
  size_t next_ = 0;
  uint64_t sent_ = 0;
  Counts counts_;
};

void Print(Counts& counts, double seconds, double cpu_seconds) {
  std::sort(counts.latencies_ns.begin(), counts.latencies_ns.end());
  const auto quantile = [&](double share) {
    if (counts.latencies_ns.empty()) return 0.0;
    const auto last = static_cast<double>(counts.latencies_ns.size() - 1);
    return counts.latencies_ns[static_cast<size_t>(share * last)] / 1000.0;
  };
  const auto answered = static_cast<double>(std::max<uint64_t>(1, counts.answered));
  std::printf(
      "{\"answered\": %lu, \"permits\": %lu, \"denies\": %lu, \"failed\": %lu, \"dropped\": %lu, "
      "\"opened\": %lu, \"seconds\": %.3f, \"rate\": %.1f, \"cpu_us\": %.3f, \"p50_us\": %.1f, "
      "\"p90_us\": %.1f, \"p99_us\": %.1f, \"max_us\": %.1f}\n",
      counts.answered, counts.permits, counts.denies, counts.failed, counts.dropped, counts.opened,
      seconds, static_cast<double>(counts.answered) / seconds, cpu_seconds * 1e6 / answered,
      quantile(0.5), quantile(0.9), quantile(0.99), quantile(1));
}

// Verdicts of all bodies in turn.
void AskOnce(const Target& target, const std::vector<std::string>& requests,
             const std::string& file) {
  std::ofstream out(file);
  std::unique_ptr<Connection> connection;
  for (const std::string& request : requests) {
    if (!connection || connection->closes()) connection = Connection::Open(target);
    if (!connection) Die("cannot connect");
    auto progress = connection->Send(request);
    while (progress == Connection::Progress::kUnderWay) progress = connection->Advance();
    const std::string_view body = connection->body();
    const bool permits = CountOf(body, "\"decision\":true") == 1;
    if (progress != Connection::Progress::kAnswered || connection->status() != 200 ||
        permits + CountOf(body, "\"decision\":false") != 1) {
      Die("no decision: " + std::string(body));
    }
    out << (permits ? "permit\n" : "deny\n");
  }
}

int Run(const Options& options) {
  const std::vector<std::string> requests = ReadRequests(options);
  Target target;
  target.port = static_cast<uint16_t>(options.Number("port", 8080));
  if (const std::string authority = options.Text("ca"); !authority.empty()) {
    target.tls = SSL_CTX_new(TLS_client_method());
    if (SSL_CTX_load_verify_locations(target.tls, authority.c_str(), nullptr) != 1) {
      Die("cannot read `" + authority + "`");
    }
    SSL_CTX_set_verify(target.tls, SSL_VERIFY_PEER, nullptr);
    // The generator sends each request in one piece, or again from where it stopped.
    SSL_CTX_set_mode(target.tls,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  }
  if (const std::string file = options.Text("once"); !file.empty()) {
    AskOnce(target, requests, file);
    return 0;
  }
  const std::string pid = options.Text("pid");
  Load load(target, requests, static_cast<uint64_t>(options.Number("drop", 0)));
  load.counts().latencies_ns.reserve(1 << 20);
  const double cpu_before = pid.empty() ? 0 : CpuSeconds(pid);
  const Clock::time_point begun = Clock::now();
  const auto length = std::chrono::duration<double>(options.Number("seconds", 3));
  load.Run(static_cast<size_t>(options.Number("connections", 1)),
           begun + std::chrono::duration_cast<Clock::duration>(length));
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  const double cpu = pid.empty() ? 0 : CpuSeconds(pid) - cpu_before;
  Print(load.counts(), seconds, cpu);
  return load.counts().failed > 0 ? 1 : 0;
}

}  // namespace
}  // namespace portvakt::benchmarks

int main(int count, char** words) {
  portvakt::benchmarks::Options options;
  for (int i = 1; i + 1 < count; i += 2) {
    if (std::strncmp(words[i], "--", 2) != 0) return 2;
    options.values[words[i] + 2] = words[i + 1];
  }
  return portvakt::benchmarks::Run(options);
}
