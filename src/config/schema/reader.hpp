#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "config/problem.hpp"
#include "config/surroundings.hpp"
#include "config/yaml.hpp"

namespace tenfold::config {

// Collects what is wrong while a tree is read, and knows the way to the value that is read now.
class Reader {
 public:
  static constexpr std::size_t max_problems = 100;    // past it the rest is left unsaid
  static constexpr std::size_t max_values = 200'000;  // with aliases followed; past it reading ends with an error

  Reader(std::string file, std::string folder, const Surroundings& surroundings, std::vector<Problem>& problems)
      : file_(std::move(file)), folder_(std::move(folder)), surroundings_(surroundings), problems_(problems) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // The message is put behind the way to the value: "origins[1].timeouts.connect: ...".
  void error(const Node& at, std::string_view message) { add(Severity::error, at, message); }
  void warning(const Node& at, std::string_view message) { add(Severity::warning, at, message); }

  // To be asked before a value is read; false when the file takes more reading than any real one does.
  bool enter_value(const Node& at);

  // A relative path is relative to the file's folder.
  std::string absolute(const std::string& path) const;
  const Surroundings& surroundings() const { return surroundings_; }
  bool has_errors() const { return errors_ > 0; }

  // While it lives, values are read below this key or index.
  class Step {
   public:
    Step(Reader& reader, std::variant<std::string_view, std::size_t> step) : reader_(reader) {
      reader_.way_.push_back(step);
    }
    ~Step() { reader_.way_.pop_back(); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Reader& reader_;
  };

 private:
  void add(Severity severity, const Node& at, std::string_view message);
  std::string way() const;

  std::string file_;
  std::string folder_;
  const Surroundings& surroundings_;
  std::vector<Problem>& problems_;
  std::vector<std::variant<std::string_view, std::size_t>> way_;
  std::size_t values_ = 0;
  std::size_t errors_ = 0;
};

}  // namespace tenfold::config
