// What stands above the conversation: the name with what is searched and the language, and before
// the first question what an answer will be.
const promise = make("div", { className: "fn-promise", id: "fn-promise" },
  make("h2", { textContent: words.promise }), make("p", { textContent: words.promise_text }));

function head(foot) {
  const name = make("h1", {}, "Footnote", make("sup", { textContent: "1" }));
  const masthead = make("div", { className: "fn-masthead" }, name,
    make("p", { textContent: told.searched }), languages());
  foot.parentElement.prepend(masthead, promise);
}

/** The languages of the interface; another one loads the page anew. */
function languages() {
  const choice = make("select", { className: "fn-language", "aria-label": words.language });
  for (const [code, name] of Object.entries(told.languages)) {
    const selected = code === told.language;
    choice.append(make("option", { value: code, textContent: name, lang: code, selected }));
  }
  choice.addEventListener("change", () => {
    const address = new URL(location.href);
    address.searchParams.set("lang", choice.value);
    location.assign(address);
  });
  return choice;
}
