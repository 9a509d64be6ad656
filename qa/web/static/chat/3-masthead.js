// What stands above the conversation: the name with what is searched, and before the first question
// what an answer will be.
const promise = make("div", { className: "fn-promise", id: "fn-promise" },
  make("h2", { textContent: words.promise }), make("p", { textContent: words.promise_text }));

function head(foot) {
  const name = make("h1", {}, "Footnote", make("sup", { textContent: "1" }));
  const masthead = make("div", { className: "fn-masthead" }, name,
    make("p", { textContent: told.searched }));
  foot.parentElement.prepend(masthead, promise);
}
