// Filters, the address of an answer, and asking again with something left out.
const filters = { after: "", before: "", source: "" };
const fields = {};
// What was last asked otherwise than by typing.
let asking = "";

/** What goes along with each question that is typed. */
function keepHow() {
  put("#fn-how", JSON.stringify({ language: told.language, ...filters }));
  const used = Object.values(filters).filter(Boolean).length;
  fields.summary.textContent = used ? `${words.filters} (${used})` : words.filters;
}

/** Ask a question anew; `how` may hold filters and what to ignore. Filters that hold `once` are
 * those of this answer only: what is typed next is asked as before. */
function ask(question, how = {}, once = false) {
  asking = question;
  const narrowed = Object.fromEntries(Object.keys(filters).map((name) => [name, how[name] ?? ""]));
  if (!once) setFilters(narrowed);
  const asked = { language: told.language, ...narrowed, ignore: how.ignore ?? [], question };
  put("#fn-other", JSON.stringify(asked));
  // Gradio takes the value in its own next step.
  setTimeout(() => document.querySelector("#fn-go").click());
}

function setFilters(how) {
  for (const name of Object.keys(filters)) {
    filters[name] = how[name] ?? "";
    const field = fields[name];
    if (name === "source" && ![...field.options].some((each) => each.value === filters.source)) {
      field.append(make("option", { value: filters.source, textContent: filters.source }));
    }
    // A date box holds days only; "2022-09" filters all the same, and its chip tells so.
    field.value = filters[name];
  }
  keepHow();
}

/** The filters, and a new conversation, under the question. */
function furnish(foot) {
  const labelled = (name, field) => {
    fields[name] = field;
    field.addEventListener("change", () => {
      filters[name] = field.value;
      keepHow();
    });
    return make("label", {}, make("span", { textContent: words[`filter_${name}`] }), field);
  };
  const source = make("select", {}, make("option", { value: "", textContent: words.any_source }));
  source.append(...told.sources.map((each) => make("option", { value: each, textContent: each })));
  const box = make("div", { className: "fn-fields", id: "fn-fields", hidden: true });
  fields.summary = make("button", {
    type: "button", className: "fn-filters", textContent: words.filters,
    "aria-expanded": "false", "aria-controls": box.id,
  });
  fields.summary.addEventListener("click", () => {
    box.hidden = !box.hidden;
    fields.summary.setAttribute("aria-expanded", String(!box.hidden));
  });
  const clear = make("button", { type: "button", className: "fn-clear", textContent: words.clear });
  clear.addEventListener("click", () => setFilters({}));
  box.append(labelled("after", make("input", { type: "date" })),
    labelled("before", make("input", { type: "date" })), labelled("source", source), clear);
  fields.anew = make("button", { type: "button", className: "fn-anew", textContent: words.new, hidden: true });
  fields.anew.addEventListener("click", () => document.querySelector("#fn-new").click());
  foot.prepend(lost);
  foot.append(make("div", { className: "fn-bar" }, fields.summary, fields.anew), box);
  // What is tabbed to must not stand behind the foot, which stays in view.
  const watcher = new ResizeObserver(() => {
    document.documentElement.style.scrollPaddingBottom = `${foot.offsetHeight}px`;
  });
  watcher.observe(foot);
}

/** Open the conversation of the address, or ask what it asks. */
function askFromAddress() {
  const asked = new URLSearchParams(location.search);
  if (asked.get("c")) return whenListening(() => openKept(asked.get("c")));
  const question = asked.get("q");
  if (!question) return;
  const how = Object.fromEntries(Object.keys(filters).map((name) => [name, asked.get(name) ?? ""]));
  how.ignore = asked.getAll("ignore");
  // It stands in the box too until it is answered: whatever happens, Enter asks it.
  put("#fn-ask", question);
  whenListening(() => ask(question, how));
}

/** Gradio listens once what it has built is painted. */
function whenListening(begin) {
  requestAnimationFrame(() => requestAnimationFrame(begin));
}

/** After the next paint, which then shares the processor with nothing that follows on it. */
function oncePainted(begin) {
  requestAnimationFrame(() => setTimeout(begin));
}

/** Show a conversation that the server keeps, by the id of its last turn. */
function openKept(conversation) {
  put("#fn-other", JSON.stringify({ language: told.language, conversation }));
  setTimeout(() => document.querySelector("#fn-go").click());
}

/** The page's address becomes that of its last answer; one of none is a step that Back takes back. */
function keepAddress(link) {
  const address = new URL(link ?? base);
  const lang = new URLSearchParams(location.search).get("lang");
  if (lang) address.searchParams.set("lang", lang);
  if (link) history.replaceState(history.state, "", address);
  else if (address.href !== location.href) history.pushState(null, "", address);
}

/** After Back or Forward, what the address says is shown. */
addEventListener("popstate", () => {
  const newest = [...document.querySelectorAll(".fn-permalink")].at(-1);
  const asks = (address) => ["c", "q"].map((name) => new URL(address).searchParams.get(name)).find(Boolean);
  const wanted = asks(location.href);
  if (wanted === (newest && asks(newest.href))) return;
  if (wanted) askFromAddress();
  else document.querySelector("#fn-new").click();
});
