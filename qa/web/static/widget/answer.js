/** An answer as elements: the quote first, then where it stands, then what else was found. */

/**
 * @typedef {object} Turn a question, and what came of it
 * @property {string} question @property {string[]} ignore @property {Answer} answer
 * @property {string|null} page the page's address when it was asked @property {HTMLElement} box
 */

const REASONS = ["wrong_quote", "not_an_answer", "outdated", "missing"];

class Answers extends Frame {
  /** @param {Turn} turn @returns {any[]} nodes, and what `make` leaves out */
  _answer(turn) {
    const say = this._say;
    const { answer, question, ignore } = turn;
    const { reply, understood_when: when, unread_when: unread, understood_as: meant, understood_spelling: spelling, unknown_names, nearest, unsure, close, order } = answer;
    const unknown = unknown_names.length && say("unknown",
      new Intl.ListFormat(this._words.code, { type: "disjunction" }).format(unknown_names.map((name) => `“${name}”`)));
    const [lead, ...others] = answer.citations;
    if (reply) {
      const key = /** @type {any} */ ({ nonsense: "unclear", greeting: "about" })[reply] || reply;
      return [make("p.said", 0, say(key)), this._questions(answer.suggestions)];
    }
    /** @param {string} text @param {string} name @returns {Node} what was understood, to be taken back */
    const chip = (text, name) => make("span.chip", { dir: "auto" }, text,
      iconButton("undo", `${say("without")}: ${text}`, CROSS, () => this._ask(question, [...ignore, name], turn)));
    /** @param {{question: string, citations: number[]}} part @returns {Node} */
    const part = ({ question, citations }) => make("li", { dir: "auto" }, question, ": ",
      ...citations.map((at) => this._number(answer.citations[at - 1], turn)), !citations.length && say("none"));
    const near = () => make("ol", 0, ...nearest.map((one) => this._card(one, turn, true)));
    return [
      when && chip(say("time", when.text + (when.other ? " / " + when.other.text : "")), "when"),
      unread && make("p.note", 0, say("unread", unread)),
      spelling && chip(say("spelling", spelling.words.map(({ read }) => read).join(", ")), "spelling"),
      meant != (spelling || { text: answer.question }).text && chip(say("meant", meant), "history"),
      order != "best" && make("p.note", 0, say(order)),
      answer.reports_differ && make("p.note", 0, say("differ")),
      answer.parts.length && make("ul.parts", 0, ...answer.parts.map(part)),
      ...(lead
        ? [make("blockquote.quote", { dir: "auto" }, ...quoted(lead), " ", this._number(lead, turn)),
          this._origin(lead, turn),
          others.length && make("p.label", 0, say("more")),
          make("ol", 0, ...others.map((one) => this._card(one, turn)))]
        : unsure
          ? [make("p.said", 0, say("unsure")), unknown && make("p.note", 0, unknown), near()]
          : [make("p.said", 0, unknown || say("none")),
            nearest.length && make("details.nearest", { open: close }, make("summary.label", 0, say("nearest")), near())]),
      this._questions(answer.suggestions, say("further")),
      this._feedback(turn),
    ];
  }

  /** @param {Citation} citation @param {Turn} turn */
  _number(citation, turn) {
    const hide = () => this._preview();
    /** @param {any} event */
    const show = ({ pointerType, target }) =>
      (pointerType == "mouse" || target.matches(":focus-visible")) && this._preview(citation, target);
    return make("button.citation", {
      "aria-label": this._say("quote", citation.number), click: () => this._cite(citation, turn),
      // The scrolling that brings it into view hides what is open, and ends before the next frame.
      focus: ({ target }) => requestAnimationFrame(() => show({ target })),
      pointerenter: show, pointerleave: hide, blur: hide,
    }, String(citation.number));
  }

  /** @param {Citation} citation @param {Turn} turn @param {boolean} [isNone] it is not cited */
  _card(citation, turn, isNone) {
    return make("li.card", 0, !isNone && this._number(citation, turn),
      make("div", 0, excerpt(isNone && !turn.answer.unsure ? { ...citation, answer_start: null } : citation, 120),
        this._origin(citation, turn)));
  }

  /** @param {Citation} citation @param {Turn} turn @returns {Node} */
  _origin(citation, turn) {
    const { article, heading, when, also_in, corrections, link, source_link } = citation;
    const say = this._say;
    const facts = [article.label, article.source, when && inWords(when, this._words.code), also_in.length && say("also", also_in.length),
      article.excerpt && say("members")];
    /** @param {string} href @param {string} key @param {string} [arrow] */
    const to = (href, key, arrow) => make("a.link", { href, target: "_blank", rel: "noopener" }, say(key), arrow);
    return make("div.source", 0,
      make("b", { dir: "auto" }, article.title || article.id),
      heading && make("p", { dir: "auto" }, heading),
      make("p.quiet", 0, ...facts.filter((fact) => fact).flatMap((fact, at) => [at && " · ", make("bdi", 0, fact)])),
      ...corrections.map(({ text }) => make("p", { dir: "auto" }, say("correction", text))),
      this._isHere(citation, turn)
        ? make("button.link", { click: () => this._cite(citation, turn) }, say("read"))
        : to(addressOf(link, this._server), "read"),
      /^https?:/i.test(source_link || "") && to(/** @type {string} */ (source_link), "original", " ↗"));
  }

  /** @param {string[]} texts @param {string} [heading] @returns {Node|0} */
  _questions(texts, heading) {
    return texts.length && make("div.suggestions", 0, heading && make("h4.label", 0, heading), ...texts.map((text) =>
      make("button.suggestion", { dir: "auto", click: () => this._ask(text) }, text)));
  }

  /** @param {Turn} turn */
  _feedback(turn) {
    const say = this._say;
    /** @param {string} verdict @param {string[]} [reasons] @param {string} [comment] */
    const judge = async (verdict, reasons = [], comment = "") => {
      box.inert = true;
      const told = await this._judge(turn, { verdict, reasons, comment }, () => judge(verdict, reasons, comment));
      box.inert = false;
      box.replaceChildren(told);
      told.tabIndex = -1;
      told.focus();
    };
    const why = () => {
      const comment = make("textarea", { maxlength: 1000, "aria-label": say("other"), placeholder: say("other") });
      const choices = REASONS.map((name) => make("input", { type: "checkbox", name }));
      box.replaceChildren(make("fieldset", 0, make("legend", 0, say("why")),
        ...choices.map((each) => make("label", 0, each, say(each.name))), comment,
        make("button.plain", { click: () => {
          const reasons = choices.filter((each) => each.checked).map((each) => each.name);
          judge("down", comment.value.trim() ? [...reasons, "other"] : reasons, comment.value);
        } }, say("send"))));
      this._bring(box);
      choices[0].focus();
    };
    const box = make("div.feedback", 0,
      make("button.plain", { click: () => judge("up") }, say("good")), make("button.plain", { click: why }, say("bad")));
    return box;
  }
}

/**
 * When a citation is from, as much of it as is known, by the clock of the place.
 * @param {string} iso @param {string} language
 */
function inWords(iso, language) {
  const [, date, time, zone = ""] = /^(\d{4}(?:-\d\d){0,2})(?:T(\d\d:\d\d)[\d:.]*(.*))?$/.exec(iso) || [];
  if (!date) return iso;
  /** @type {any} of Intl.DateTimeFormatOptions */
  const style = { timeZone: "UTC", year: "numeric", month: date[4] && "long", day: date[7] && "numeric" };
  if (time) Object.assign(style, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const moment = new Date(date + (time ? `T${time}Z` : ""));
  return moment.toLocaleString(language == "en" ? "en-GB" : language, style) + (zone && ` (UTC${zone == "Z" ? "" : zone})`);
}

/**
 * The quote, the words that answer in bold; offsets count code points.
 * @param {Citation} citation @returns {(string|Node)[]}
 */
function quoted({ quote, quote_start, answer_start, answer_end }) {
  if (answer_start == null) return [quote];
  const cuts = [0, answer_start - quote_start, /** @type {number} */ (answer_end) - quote_start];
  return cuts.map((from, at) => make(at == 1 ? "strong.words" : "span", 0, [...quote].slice(from, cuts[at + 1]).join("")));
}

/**
 * The passage, its quote marked; offsets count code points.
 * @param {Citation} citation @param {number} [most] how many characters on each side, else all; what is cut ends
 *   with whole words of the paragraph
 */
function excerpt(citation, most = 9e9) {
  const { quote, quote_start, passage } = citation;
  const after = [...passage.text];
  const before = after.splice(0, quote_start - passage.start);
  after.splice(0, [...quote].length);
  return make("p.passage-text", { dir: "auto" },
    before.length > most && "… ", before.slice(-most).join("").replace(before.length > most ? /^[^]*\n\n|\S*\s+/ : "", ""),
    make("mark.mark", 0, ...quoted(citation)),
    after.slice(0, most).join("").replace(after.length > most ? /\n\n[^]*|\s+\S*$/ : "", ""), after.length > most && " …");
}
