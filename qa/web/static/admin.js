// Files dropped on the form are sent, and a build that runs is shown as it goes. All of it works
// without this script too: by the form's own field, and by loading the page again.
"use strict";

const drop = document.getElementById("drop");
if (drop) {
  const files = document.getElementById("files");
  const mark = (event) => {
    if (!event.dataTransfer || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.toggle("over", event.type !== "dragleave" || drop.contains(event.relatedTarget));
  };
  for (const kind of ["dragenter", "dragover", "dragleave"]) drop.addEventListener(kind, mark);
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    files.files = event.dataTransfer.files;
    drop.requestSubmit();
  });
}

const progress = document.getElementById("progress");

function show(stage) {
  const line = progress.querySelector(`[data-stage="${CSS.escape(stage.name)}"]`);
  if (!line) return;
  const bar = line.querySelector("progress");
  bar.max = stage.total || Math.max(stage.done, 1);
  bar.value = stage.done;
  const count = line.querySelector(".count");
  count.textContent = stage.total ? `${stage.done} / ${stage.total}` : `${stage.done}`;
}

async function look() {
  let build;
  try {
    const answer = await fetch("build.json", { redirect: "error" });
    build = await answer.json();
  } catch {
    location.reload();
    return;
  }
  build.stages.forEach(show);
  if (build.status === "running") setTimeout(look, 300);
  else location.reload();
}

if (progress && progress.dataset.status === "running") look();
