/**
 * <footnote-chat>: ask the articles from any page. Attributes, methods and events: `docs/embed.md`.
 * It changes nothing outside of itself, but for steps that Back takes on a phone, and asks nothing of the server before a question is put.
 */

/** @typedef {Error & {code?: string, wait?: any}} Fault */

let made = 0;

class FootnoteChat extends Answers {
  /** @type {AbortController|undefined} */
  _flight;
  /** @type {any} */
  _timer;
  /** @type {HTMLElement|null|undefined} */
  _trigger;
  _marker = new Marker("footnote-" + ++made);

  disconnectedCallback() {
    super.disconnectedCallback();
    this._flight?.abort();
    this._marker.clear();
  }

  /** Forget the conversation. */
  reset() {
    const { log, intro, input } = this._ui;
    this._flight?.abort();
    this._marker.clear();
    this._turns = [];
    this._within = false;
    log.replaceChildren(intro);
    input.value = "";
    this._closePassage();
    this._render();
  }

  /** @param {string} question @returns {Promise<Answer|null>} null where none came */
  ask(question) {
    this._show(true);
    return this._ask(question);
  }

  /** @param {string} text @param {string[]} [ignore] @param {Turn} [instead] @returns {Promise<Answer|null>} */
  async _ask(text, ignore = [], instead) {
    const { log, input, status, intro } = this._ui;
    const question = text.trim();
    if (!question || !this._emit("ask", { question })) return null;
    this._flight?.abort();
    const { signal } = (this._flight = new AbortController());
    this._turns = this._turns.filter((turn) => turn != instead);
    instead?.box.remove();
    log.querySelector(".failed")?.remove();
    this._closePassage();
    const box = make("article.turn", 0, make("h3.question", { dir: "auto" }, question), make("p.wait", 0, this._say("searching")));
    log.append(box);
    this._bring(box);
    input.value = "";
    status.textContent = this._say("searching");
    const page = this._page();
    const filters = Object.fromEntries(["source", "after", "before"].map((name) => [name, this.getAttribute(name)]));
    const body = { question, ignore, history: earlier(this._turns), ...filters, page_url: page.url,
      within: this._within && page.article ? "page" : null };
    try {
      const answer = await post(this._server + "api/ask", body, signal, this.getAttribute("token"));
      const turn = { question, ignore, answer, page: page.url, box };
      box.lastChild.replaceWith(make("div.answer", 0, ...this._answer(turn)));
      this._turns.push(turn);
      intro.remove();
      this._bring(box);
      this._render();
      status.textContent = box.querySelector(".quote,.said").textContent;
      this._emit("answer", { answer });
      return answer;
    } catch (fault) {
      if (/** @type {any} */ (fault).code == "offline") checkOrigin(this._server);
      this._fail(box, question, /** @type {any} */ (fault), () => this._ask(question, ignore));
      return null;
    }
  }

  /**
   * The question stays, to be sent again.
   * @param {any} box @param {string} question @param {Fault} fault @param {() => void} again
   */
  _fail(box, question, fault, again) {
    const { input } = this._ui;
    if (fault.code == "AbortError") {
      box.remove();
      if (!this.isConnected) input.value = question;
      return;
    }
    input.value ||= question;
    box.classList.add("failed");
    box.lastChild.replaceWith(this._fault(fault, question, () => (again(), input.focus())));
    this._bring(box);
  }

  /**
   * What went wrong in words, and a button to try again once the server has time for it.
   * @param {Fault} fault @param {string} question @param {() => void} again
   */
  _fault({ code = "failed", wait, message }, question, again) {
    const say = this._say;
    const retry = code != "unclear" && make("button.plain", { click: again });
    /** @param {number} left in seconds; long waits are told in minutes, never too few */
    const tick = (left) => {
      const [size, unit] = left < 90 ? [1, "second"] : [60, "minute"];
      retry.textContent = say("retry");
      retry.disabled = left > 0 && this.isConnected;
      if (!retry.disabled) return;
      retry.append(" · " + Math.ceil(left / size).toLocaleString(this._words.code, /** @type {any} */ ({ style: "unit", unit, unitDisplay: "long" })));
      setTimeout(tick, 1000, left - 1);
    };
    // A proxy that is busy may tell no time.
    if (retry) tick(code == "busy" && (+wait || 5));
    this._emit("error", { code, message, question });
    this._ui.status.textContent = [say(code), retry.textContent].join(" ");
    return make("div.error", 0, make("p", 0, say(code)), retry);
  }

  /** @param {Element} box */
  _bring(box) {
    const { log } = this._ui;
    log.scrollTop += box.getBoundingClientRect().top - log.getBoundingClientRect().top - 20;
  }

  /** The page's address, and its article as far as an answer told. */
  _page() {
    const url = this.getAttribute("page-url") || pageUrl();
    return { url, article: this._turns.findLast((turn) => turn.page == url)?.answer.page_article };
  }

  /** Whether the cited article is the page that the widget stands on. @param {Citation} citation @param {Turn} turn */
  _isHere(citation, turn) {
    return turn.answer.page_article == citation.article.id && turn.page == pageUrl();
  }

  /** @param {Citation} citation @param {Turn} turn */
  _cite(citation, turn) {
    const { preview, status } = this._ui;
    preview.hidden = true;
    if (!this._emit("cite", { citation })) return;
    const range = this._isHere(citation, turn) && findInPage(citation);
    if (!range) return this._openPassage(citation, turn);
    this._marker.show(range, /** @type {any} */ (this._colours));
    // Where the panel covers the page, it gives way.
    if (!this._isInline && this._isCovering) {
      // A step back would scroll the page to where it was.
      this._steps = 0;
      this.close();
    }
    bringIntoView(range);
    status.textContent = citation.quote;
  }

  /** @param {Citation} citation @param {Turn} turn */
  _openPassage(citation, turn) {
    const { passage, talk } = this._ui;
    const text = make("div.conversation", { tabindex: "0" }, excerpt(citation), this._origin(citation, turn));
    const back = iconButton("back", this._say("back"), BACK, () => this._closePassage());
    this._trigger = /** @type {any} */ (this.shadowRoot).activeElement;
    passage.replaceChildren(make("header.header", 0, back, make("h2.title", { id: "cited" }, this._say("quote", citation.number))), text);
    passage.hidden = false;
    this._step();
    talk.inert = true;
    text.querySelector("mark").scrollIntoView({ block: "nearest" });
    back.focus({ preventScroll: true });
  }

  _closePassage() {
    const { passage, talk } = this._ui;
    talk.inert = false;
    if (passage.hidden) return;
    passage.hidden = true;
    this._stepBack(1);
    this._trigger?.focus({ preventScroll: true });
  }

  /** @param {Citation} [citation] none to hide, once the pointer had time to move into it @param {HTMLElement} [at] */
  _preview(citation, at) {
    const { preview, panel } = this._ui;
    clearTimeout(this._timer);
    if (!citation || !at) {
      this._timer = setTimeout(() => (preview.hidden = true), 150);
      return;
    }
    preview.replaceChildren(excerpt(citation, 120), make("b", { dir: "auto" }, citation.article.title || citation.article.id));
    preview.hidden = false;
    at.setAttribute("aria-describedby", "preview");
    const { top, height } = panel.getBoundingClientRect();
    const box = at.getBoundingClientRect();
    const below = box.bottom - top + 6;
    const above = box.top - top - preview.offsetHeight - 6;
    preview.style.top = (below + preview.offsetHeight < height ? below : Math.max(6, above)) + "px";
  }

  /** @param {Turn} turn @param {object} judged verdict, reasons and comment @param {() => void} again */
  async _judge({ question, answer }, judged, again) {
    const body = { question, ...judged, citations: answer.citations.map(({ passage }) => passage.id) };
    try {
      await post(this._server + "api/feedback", body, new AbortController().signal);
      this._emit("feedback", body);
      return make("p.quiet", 0, this._say("noted"));
    } catch (fault) {
      return this._fault(/** @type {any} */ (fault), question, again);
    }
  }
}

for (const name of ATTRIBUTES) {
  const property = name.replace(/-./, (letters) => letters[1].toUpperCase());
  // Every element has it, and it is the attribute.
  if (property == "title") continue;
  // `after` and `open` are methods too: frameworks set what an element has, and must not lose these.
  const method = /** @type {any} */ (FootnoteChat.prototype)[property];
  Object.defineProperty(FootnoteChat.prototype, property, {
    /** @this {HTMLElement} */
    get() {
      return method || this.getAttribute(name);
    },
    /** @this {HTMLElement} @param {string|string[]|boolean|null} value several have | between them */
    set(value) {
      value == null || value === false ? this.removeAttribute(name) : this.setAttribute(name, [value].flat().join("|"));
    },
  });
}
