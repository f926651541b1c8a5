#include "app/check_command.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "net/tls/test_certificates.hpp"

namespace tenfold::app {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class CheckTest : public ::testing::Test {
 protected:
  struct Said {
    Exit exit;
    std::string out;
    std::string err;
  };

  Said check_of(std::string_view text, CheckOptions::Show show) {
    const std::string file = folder_.write("shop.yaml", text);
    const int out = ::open(folder_.path("out").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const int err = ::open(folder_.path("err").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const Exit exit = check({.file = file, .show = show}, Terminal(out), Terminal(err));
    ::close(out);
    ::close(err);
    return {exit, written("out"), written("err")};
  }

 private:
  std::string written(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(folder_.path(name)).rdbuf();
    return text.str();
  }

  net::TestFolder folder_;
};

const std::string minimal =
    "shop: S\nlisten: [{ address: 127.0.0.1:8080 }]\norigins: [{ name: a, servers: [127.0.0.1:9001] }]\n";

TEST_F(CheckTest, SaysTheSameToProgramsAsToPeople) {
  const std::string text = minimal +
                           "worth: [{ name: checkout, paths: [/checkout*] }, { name: cart, paths: [/cart*] }]\n"
                           "guard: { kernel: off, allow: [{ name: hook, paths: [/hook] }] }\n";
  const Said programs = check_of(text, CheckOptions::Show::json);
  ASSERT_EQ(programs.exit, Exit::good) << programs.out;
  const std::vector<std::string> notes = nlohmann::json::parse(programs.out)["notes"];
  EXPECT_THAT(notes, Contains(HasSubstr("(for checkout, then cart, then all else)")));
  EXPECT_THAT(notes, Contains(StartsWith("guard.allow \"hook\": whoever asks for its paths is let be")));
  EXPECT_THAT(notes, Not(Contains(StartsWith("worth: "))));
  const Said people = check_of(text, CheckOptions::Show::words);
  for (const std::string& note : notes) EXPECT_THAT(people.out, HasSubstr("  " + note + "\n"));
}

TEST_F(CheckTest, WarnsBothOfWhatIsDangerous) {
  const std::string text = minimal + "guard: { kernel: off, allow: [{ name: all, networks: [0.0.0.0/0] }] }\n";
  EXPECT_THAT(check_of(text, CheckOptions::Show::words).err, HasSubstr("warning: guard.allow[0].networks: 0.0.0.0/0"));
  const auto report = nlohmann::json::parse(check_of(text, CheckOptions::Show::json).out);
  EXPECT_EQ(report["ok"], true);
  EXPECT_THAT(report["warnings"].dump(), HasSubstr("so the guard lets everybody be"));
}

TEST_F(CheckTest, OfAFileWithErrorsItIsNotKnownWhatItWouldDo) {
  const Said programs = check_of("shop: S\n", CheckOptions::Show::json);
  EXPECT_EQ(programs.exit, Exit::usage);
  const auto report = nlohmann::json::parse(programs.out);
  EXPECT_EQ(report["ok"], false);
  EXPECT_THAT(report["notes"], IsEmpty());
}

}  // namespace
}  // namespace tenfold::app
