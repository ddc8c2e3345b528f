const panel = document.getElementById("behind");
const code = panel.querySelector("code");

document.addEventListener("click", ({ target }) => {
  const cell = target.closest("td[title], th[title]");
  if (!cell) return;
  document.querySelector(".asked")?.classList.remove("asked");
  cell.classList.add("asked");
  code.textContent = cell.title;
  panel.hidden = false;
});

document.getElementById("copy").addEventListener("click", () => {
  getSelection().selectAllChildren(code); // so that it can be copied by hand where a browser refuses
  navigator.clipboard?.writeText(code.textContent);
});

document.getElementById("close").addEventListener("click", () => {
  document.querySelector(".asked")?.classList.remove("asked");
  panel.hidden = true;
});
