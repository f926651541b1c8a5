#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace tenfold::oncall::channels {

// A server on a port of its own on loopback, whose one thread serves all connections; what it does with their bytes is
// its child's. The child's destructor must call stop().
class ServerDouble {
 public:
  ServerDouble(const ServerDouble&) = delete;
  ServerDouble& operator=(const ServerDouble&) = delete;
  virtual ~ServerDouble() = default;

  std::uint16_t port() const { return port_; }

 protected:
  struct Connection {
    std::string received;  // not yet consumed
    std::string state;     // the child's
  };
  enum class Next : std::uint8_t { go_on, close };

  ServerDouble();
  void run();   // the child's constructor, at its end
  void stop();  // joins
  virtual void say(int descriptor, std::string_view text);

  virtual void greet(int) {}
  virtual std::string receive(int descriptor);  // empty: the client has gone
  virtual void closing(int) {}
  virtual Next took(int descriptor, Connection& connection) = 0;

 private:
  void serve();

  int listener_;
  int stop_;
  std::uint16_t port_ = 0;
  std::map<int, Connection> connections_;
  std::thread thread_;
};

struct HttpRequest {
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

struct HttpAnswer {
  int status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  enum class Manner : std::uint8_t { whole, closed_without, never } manner = Manner::whole;
};

// Answers as the test says. `answer` is called on the server's thread.
class HttpDouble final : public ServerDouble {
 public:
  using Answer = std::function<HttpAnswer(const HttpRequest&)>;
  explicit HttpDouble(Answer answer) : answer_(std::move(answer)) { run(); }
  explicit HttpDouble(HttpAnswer answer) : HttpDouble([answer](const HttpRequest&) { return answer; }) {}
  ~HttpDouble() override { stop(); }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  std::vector<HttpRequest> requests() const;

 private:
  Next took(int descriptor, Connection& connection) override;

  Answer answer_;
  mutable std::mutex lock_;
  std::vector<HttpRequest> requests_;
};

// Speaks as much SMTP as a client needs. A reply may be set for each verb ("MAIL", "RCPT", "DATA", "AUTH"), for the
// greeting ("") and for the end of a message ("."); an empty one closes the connection instead.
class SmtpDouble final : public ServerDouble {
 public:
  using Replies = std::map<std::string, std::string>;
  static constexpr const char* silence = "(silence)";  // as a reply: none, and the connection stays
  enum class Tls : std::uint8_t { none, starttls, always };
  explicit SmtpDouble(Replies replies = {}, Tls tls = Tls::none);
  ~SmtpDouble() override;

  std::string certificate() const;  // PEM, its own authority, good for 127.0.0.1; only with TLS

  std::vector<std::string> commands() const;
  std::vector<std::string> mails() const;  // as they came, dots and all, without the last line

 private:
  void greet(int descriptor) override;
  std::string receive(int descriptor) override;
  void say(int descriptor, std::string_view text) override;
  void closing(int descriptor) override;
  void encrypt(int descriptor);
  Next took(int descriptor, Connection& connection) override;
  Next reply(int descriptor, const std::string& to, std::string_view usual);

  struct Encryption;  // OpenSSL's

  Replies replies_;
  Tls tls_;
  std::unique_ptr<Encryption> encryption_;
  mutable std::mutex lock_;
  std::vector<std::string> commands_;
  std::vector<std::string> mails_;
};

}  // namespace tenfold::oncall::channels
