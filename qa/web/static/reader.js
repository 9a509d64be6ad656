// A link without a fragment leaves the quote out of view: bring it there.
"use strict";
const quote = document.getElementById("quote");
if (quote && !location.hash) {
  quote.scrollIntoView({ block: "center" });
}
