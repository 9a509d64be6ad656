/** What stands around a conversation: button, panel, attributes, colours, keys. */

const ATTRIBUTES = ("title greeting placeholder suggestions position offset z-index mode open theme language logo size " +
  "source after before server page-url token accent paper ink radius font").split(" ");
/** How much smaller or larger than 25 by 38 ems. */
const SIZES = /** @type {Record<string, number>} */ ({ small: 0.84, large: 1.24 });
const STYLE = new CSSStyleSheet();
STYLE.replaceSync(CSS_TEXT);

/** Whether Enter only ends what an input method composes; Safari tells it by the code. @param {KeyboardEvent} event */
const isComposing = (event) => event.isComposing || event.keyCode == 229;

class Frame extends HTMLElement {
  static observedAttributes = ATTRIBUTES;

  /** @type {Record<string, any>} the elements of the shadow */
  _ui = {};
  /** @type {Turn[]} */
  _turns = [];
  _within = false;
  /** Whether the panel is shown. */
  opened = false;
  /** How many steps of the browser's history are this element's: Back takes them, on a phone. */
  _steps = 0;
  /** The number of the entry beneath them, which an earlier visit or panel may have left. */
  _floor = 0;
  _dark = matchMedia("(prefers-color-scheme:dark)");
  /** @type {Record<string, string>} */
  _words = WORDS;

  connectedCallback() {
    this._dark.addEventListener("change", this._render);
    addEventListener("popstate", this._onBack);
    if (!this.shadowRoot) this._build();
    for (const { name, value } of this.attributes) {
      checkName(name, this);
      checkValue(name, value);
    }
    this._show(this.hasAttribute("open"));
  }

  disconnectedCallback() {
    this._dark.removeEventListener("change", this._render);
    removeEventListener("popstate", this._onBack);
  }

  /** @param {string} name */
  attributeChangedCallback(name) {
    if (!this.shadowRoot || !this.isConnected) return;
    checkValue(name, this.getAttribute(name));
    if (name == "open" || name == "mode") this._show(this.hasAttribute("open"));
    else this._render();
  }

  /** Show the panel and put the cursor into it. */
  open() {
    this._show(true);
    this._focus();
  }

  /** Hide the panel; the cursor goes back to the button. */
  close() {
    this._show(false);
    this._ui.launcher.focus({ preventScroll: true });
  }

  get _isInline() {
    const mode = this.getAttribute("mode");
    return mode ? mode == "inline" : !this.hasAttribute("position");
  }

  get _language() {
    return (this.getAttribute("language") || this.lang || document.documentElement.lang || "en").toLowerCase().split("-")[0];
  }

  get _server() {
    return new URL(this.getAttribute("server") || HOME, HOME).href.replace(/\/?$/, "/");
  }

  /** @param {string} key @param {string|number} [fill] @returns {string} */
  _say = (key, fill) => this._words[key].replace("{}", () => fill);

  /** @param {string} name @param {object} detail @returns {boolean} whether nobody stopped it */
  _emit(name, detail) {
    return this.dispatchEvent(new CustomEvent("footnote:" + name, { detail, bubbles: true, composed: true, cancelable: true }));
  }

  _build() {
    const ui = this._ui;
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this._focus();
      this._ask(ui.input.value);
    };
    ui.intro = make("div.greeting");
    ui.log = make("div.conversation", { scroll: () => this._preview() });
    ui.input = make("textarea.input", { rows: 1, maxlength: 2000, keydown: (/** @type {KeyboardEvent} */ event) =>
      event.key == "Enter" && !event.shiftKey && !isComposing(event) && submit(event) });
    ui.send = make("button.send", { type: "submit" }, icon(UP));
    ui.scope = make("div.scope");
    ui.form = make("form.composer", { submit }, ui.scope, ui.input, ui.send);
    ui.header = make("header.header");
    ui.talk = make("div.talk", 0, ui.header, ui.log, ui.form);
    ui.passage = make("div.passage", { role: "dialog", "aria-labelledby": "cited", hidden: true });
    ui.preview = make("div.preview", { role: "tooltip", id: "preview", hidden: true,
      pointerenter: () => clearTimeout(this._timer), pointerleave: () => this._preview() });
    ui.status = make("p.unseen", { role: "status" });
    ui.panel = make("section.panel", { tabindex: -1, "aria-labelledby": "title" },
      ui.talk, ui.passage, ui.preview, ui.status);
    ui.launcher = make("button.launcher", { click: () => this.open() });
    ui.root = make("div.root", { keydown: this._onKey }, ui.launcher, ui.panel);
    // An empty title keeps the element's own from showing over all of it.
    ui.root.title = "";
    ui.root.style.visibility = "hidden";
    ui.log.append(ui.intro);
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [STYLE];
    shadow.append(ui.root);
  }

  _render = () => {
    // Out of the page, colours cannot be told; once it is back, all is drawn anew.
    if (!this.isConnected) return;
    const ui = this._ui;
    const say = this._say;
    /** @param {string} name */
    const told = (name) => this.getAttribute(name) || say(name);
    const isInline = this._isInline;
    const wanted = wordsOf(this._language, this._render);
    // Until they are there, what was said before stays; at first nothing is shown in the wrong ones.
    if (wanted) {
      this._words = wanted;
      ui.root.style.visibility = "";
      if (this._language != wanted.code) checkValue("language", this.getAttribute("language"), OFFERED);
    }
    ui.root.lang = this._words.code;
    ui.root.dir = this._words.direction;
    ui.root.className = `root ${isInline ? "inline" : this.getAttribute("position") || ""}`;
    ui.launcher.replaceChildren(icon(QUOTE), told("title"));
    ui.panel.role = isInline ? "region" : "dialog";
    ui.panel.ariaModal = isInline ? null : "true";
    ui.intro.replaceChildren(make("p", { dir: "auto" }, this.getAttribute("greeting") || say("about")),
      this._questions((this.getAttribute("suggestions") || "").split("|").filter((one) => one.trim())) || "");
    ui.input.placeholder = ui.input.ariaLabel = told("placeholder");
    ui.send.ariaLabel = say("send");
    const logo = this.opened && this.getAttribute("logo");
    ui.header.replaceChildren(...[
      logo && make("img.logo", { src: logo, alt: " " }),
      make("h2.title", { id: "title", dir: "auto" }, told("title")),
      this._turns.length && iconButton("reset", say("reset"), PLUS, () => (this.reset(), this._focus())),
      !isInline && iconButton("close", say("close"), CROSS, () => this.close()),
    ].filter((node) => node));
    this._renderScope();
    this._paint();
  };

  /** This article or the whole archive, where the page is an article. */
  _renderScope() {
    const { scope } = this._ui;
    scope.hidden = !this._page().article;
    scope.replaceChildren(...["article", "archive"].map((key, place) => make("button", { "aria-pressed": String(this._within != !!place),
      click: () => {
        this._within = !place;
        this._renderScope();
        scope.children[place].focus();
      } }, this._say(key))));
  }

  /** Colours, sizes and places become custom properties of the root. */
  _paint() {
    const { style } = this._ui.root;
    const host = getComputedStyle(this);
    /** @param {string} name */
    const wish = (name) => this.getAttribute(name) || host.getPropertyValue("--footnote-" + name).trim();
    const theme = this.getAttribute("theme");
    const isDark = theme == "dark" || (theme != "light" && this._dark.matches);
    this._colours = legible(this._ui.status, isDark, wish);
    const [x, y = x] = (wish("offset") || "20px").split(/\s+/).map((each) => (isNaN(+each) ? each : each + "px"));
    const size = SIZES[this.getAttribute("size") || ""] || 1;
    const values = { ...this._colours, x, y, width: wish("width") || 25 * size + "em", height: wish("height") || 38 * size + "em",
      z: wish("z-index") || 9999, radius: wish("radius") || "14px", font: wish("font"), serif: wish("serif"), text: wish("font-size") };
    style.colorScheme = isDark ? "dark" : "light";
    // Without a value it is removed, and what the style sheet says holds.
    for (const [name, value] of Object.entries(values)) style.setProperty("--" + name, value);
  }

  /** @param {boolean} wanted */
  _show(wanted) {
    const { panel, launcher } = this._ui;
    const open = wanted || this._isInline;
    const isNew = open && !this.opened;
    this.opened = open;
    panel.hidden = !open;
    launcher.hidden = open;
    this.toggleAttribute("open", open && !this._isInline);
    if (!open) this._stepBack(this._recount());
    this._closePassage();
    this._render();
    if (isNew && !this._isInline) this._step();
    if (isNew) this._emit("open", {});
  }

  /** Whether the panel hides the page, as on a phone. */
  get _isCovering() {
    return this._ui.panel.offsetWidth == innerWidth;
  }

  /** What a hand has opened over the whole page is closed by Back, as people expect of a page. */
  _step() {
    // A browser that cannot tell whether a hand did it keeps its history as it is.
    if (!this._isCovering || !navigator.userActivation?.isActive) return;
    if (!this._recount()) this._floor = history.state?.footnote || 0;
    history.pushState({ ...history.state, footnote: this._floor + ++this._steps }, "");
  }

  /** Keep only the steps that end at the current entry: none where the page itself has gone on. @returns {number} */
  _recount() {
    return (this._steps = Math.min(Math.max((history.state?.footnote || 0) - this._floor, 0), this._steps));
  }

  /** @param {number} count of steps that are taken back where something is closed otherwise */
  _stepBack(count) {
    if (!count || !this._recount()) return;
    this._steps -= count;
    history.go(-count);
  }

  _onBack = () => {
    let closing = this._steps - this._recount();
    const left = this._steps;
    // The steps are gone already.
    this._steps = 0;
    while (closing--) this._ui.passage.hidden ? this.close() : this._closePassage();
    this._steps = left;
  };

  /** On touch screens a keyboard would cover what there is to read. */
  _focus() {
    this._ui[matchMedia("(hover:hover)").matches ? "input" : "panel"].focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  _onKey = (event) => {
    const { preview, passage, panel } = this._ui;
    if (event.key == "Escape") {
      // One thing at a time, the topmost first.
      if (!preview.hidden) preview.hidden = true;
      else if (!passage.hidden) this._closePassage();
      else if (this.opened && !this._isInline) this.close();
      else return;
      event.stopPropagation();
    }
    const isCovered = !passage.hidden;
    if (event.key != "Tab" || !(isCovered || !this._isInline)) return;
    const nodes = [...(isCovered ? passage : panel).querySelectorAll("button,a,textarea,input,summary,[tabindex='0']")]
      .filter((node) => node.checkVisibility());
    if (event.shiftKey) nodes.reverse();
    const { activeElement } = /** @type {ShadowRoot} */ (this.shadowRoot);
    if (activeElement != nodes.at(-1) && activeElement != panel) return;
    event.preventDefault();
    nodes[0].focus();
  };
}
