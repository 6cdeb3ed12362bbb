const form = document.querySelector("form.filter");
const talks = [...document.querySelectorAll(".talk")];
function filter() {
  const wanted = [...new FormData(form)].filter(([, value]) => value);
  let shown = 0;
  for (const talk of talks) {
    talk.hidden = !wanted.every(([name, value]) => talk.dataset[name] === value);
    shown += !talk.hidden;
  }
  for (const group of document.querySelectorAll(".talks"))
    group.hidden = !group.querySelector(".talk:not([hidden])");
  form.querySelector("output").value = `${shown} of ${talks.length} shown`;
}
if (form) {
  form.hidden = false;
  form.addEventListener("input", filter);
  filter();
}
