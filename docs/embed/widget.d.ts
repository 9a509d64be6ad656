/**
 * Types of `<footnote-chat>`, for pages that are written in TypeScript. Copy this file into the
 * project; `import type {} from "./widget"` makes the element and its events known everywhere.
 * What each attribute, method and event does: `docs/embed.md`; each field of an answer: `docs/api.md`.
 */

/** What the element takes, in HTML and in JSX; the script takes the same behind `data-`. */
export interface FootnoteAttributes {
  title?: string;
  greeting?: string;
  placeholder?: string;
  /** Questions to begin with, `|` between them. */
  suggestions?: string;
  position?: Position;
  offset?: string;
  "z-index"?: string | number;
  mode?: Mode;
  open?: boolean | "";
  theme?: Theme;
  language?: string;
  logo?: string;
  size?: Size;
  source?: string;
  after?: string;
  before?: string;
  server?: string;
  "page-url"?: string;
  token?: string;
  accent?: string;
  paper?: string;
  ink?: string;
  radius?: string;
  font?: string;
}

export type Position = "bottom-right" | "bottom-left" | "top-right" | "top-left";
export type Mode = "floating" | "inline";
export type Theme = "auto" | "light" | "dark";
export type Size = "small" | "medium" | "large";

/**
 * The element. A property is null where the attribute is absent. `open`, `after` and `before` are
 * set as attributes: every element has methods of these names, or this one has.
 */
export interface FootnoteChat extends HTMLElement {
  /** Show the panel and put the cursor into it. */
  open(): void;
  /** Hide the panel. */
  close(): void;
  /** Forget the conversation. */
  reset(): void;
  /** Ask, and show it. Null where no answer came, or a listener stopped the question. */
  ask(question: string): Promise<Answer | null>;
  /** Whether the panel is shown. */
  opened: boolean;

  greeting: string | null;
  placeholder: string | null;
  get suggestions(): string | null;
  set suggestions(questions: string | string[] | null);
  position: Position | null;
  offset: string | null;
  get zIndex(): string | null;
  set zIndex(height: string | number | null);
  mode: Mode | null;
  theme: Theme | null;
  language: string | null;
  logo: string | null;
  size: Size | null;
  source: string | null;
  server: string | null;
  pageUrl: string | null;
  token: string | null;
  accent: string | null;
  paper: string | null;
  ink: string | null;
  radius: string | null;
  font: string | null;
}

/** What each event tells in `detail`. All bubble; `preventDefault()` stops an ask and a cite. */
export interface FootnoteEvents {
  "footnote:open": CustomEvent<Record<string, never>>;
  "footnote:ask": CustomEvent<{ question: string }>;
  "footnote:answer": CustomEvent<{ answer: Answer }>;
  "footnote:cite": CustomEvent<{ citation: Citation }>;
  "footnote:feedback": CustomEvent<Feedback>;
  "footnote:error": CustomEvent<Fault>;
}

export interface Feedback {
  question: string;
  verdict: "up" | "down";
  reasons: string[];
  comment: string;
  /** Ids of the passages that were cited. */
  citations: string[];
}

export interface Fault {
  code: "offline" | "slow" | "busy" | "unclear" | "failed";
  message: string;
  question: string;
}

/** What `POST /api/ask` returns. Offsets count Unicode code points in the article's text. */
export interface Answer {
  id: string | null;
  question: string;
  asked_at: string;
  status: "answered" | "not_covered";
  confidence: number;
  unsure: boolean;
  close: boolean;
  understood_as: string;
  understood_when: When | null;
  unread_when: string | null;
  unknown_names: string[];
  understood_spelling: Spelling | null;
  order: "best" | "oldest_first" | "newest_first";
  reports_differ: boolean;
  reply: "greeting" | "thanks" | "about" | "nonsense" | "language" | null;
  parts: Part[];
  citations: Citation[];
  nearest: Citation[];
  suggestions: string[];
  page_article: string | null;
  took_ms: number;
}

export interface Citation {
  number: number;
  quote: string;
  quote_start: number;
  quote_end: number;
  answer_start: number | null;
  answer_end: number | null;
  passage: Passage;
  article: Article;
  when: string | null;
  heading: string | null;
  page: number | null;
  score: number;
  link: string;
  source_link: string | null;
  also_in: Twin[];
  corrections: Correction[];
}

export interface Correction {
  kind: "correction" | "clarification" | "retraction";
  text: string;
  start: number;
  end: number;
}

export interface Passage {
  id: string;
  start: number;
  end: number;
  text: string;
}

export interface Article {
  id: string;
  title: string | null;
  source: string | null;
  author: string | null;
  published: string | null;
  updated: string | null;
  url: string | null;
  label: string | null;
  digest: string;
  excerpt: boolean;
}

export interface Twin {
  article_id: string;
  passage_id: string;
}

export interface Time {
  text: string;
  after: string | null;
  before: string | null;
}

export interface When {
  phrase: string;
  text: string;
  after: string | null;
  before: string | null;
  exact: boolean;
  other: Time | null;
}

export interface Spelling {
  text: string;
  words: Respelling[];
}

export interface Respelling {
  typed: string;
  read: string;
}

export interface Part {
  question: string;
  status: Answer["status"];
  citations: number[];
}

declare global {
  interface HTMLElementTagNameMap {
    "footnote-chat": FootnoteChat;
  }
  interface HTMLElementEventMap extends FootnoteEvents {}
  interface DocumentEventMap extends FootnoteEvents {}
}
