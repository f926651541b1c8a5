#pragma once

namespace tenfold::net {

// A node that links itself into at most one list and unlinks itself when it dies.
class ListNode {
 public:
  ListNode() = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;
  ~ListNode() { unlink(); }

  bool linked() const { return next_ != this; }
  void unlink() {
    next_->previous_ = previous_;
    previous_->next_ = next_;
    next_ = previous_ = this;
  }
  void link_before(ListNode& other) {
    unlink();
    previous_ = other.previous_;
    next_ = &other;
    previous_->next_ = this;
    other.previous_ = this;
  }
  ListNode* next() const { return next_; }

 private:
  ListNode* next_ = this;
  ListNode* previous_ = this;
};

// A list of objects of T, which derives from ListNode. Owns nothing.
template <class T>
class IntrusiveList {
 public:
  bool empty() const { return !head_.linked(); }
  T& front() { return static_cast<T&>(*head_.next()); }
  const T& front() const { return static_cast<const T&>(*head_.next()); }
  void push_back(T& item) { item.link_before(head_); }
  void push_front(T& item) { item.link_before(*head_.next()); }
  // Visits each; the visitor may unlink the one it is given, and no other.
  template <class F>
  void for_each(F&& visit) {
    for (ListNode* node = head_.next(); node != &head_;) {
      ListNode* const next = node->next();
      visit(static_cast<T&>(*node));
      node = next;
    }
  }

 private:
  ListNode head_;
};

}  // namespace tenfold::net
