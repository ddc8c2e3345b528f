const panel = document.getElementById("behind");
const told = panel.querySelector("code");

document.addEventListener("click", ({ target }) => {
  const cell = target.closest("td[title]");
  if (!cell) return;
  document.querySelector("td.asked")?.classList.remove("asked");
  cell.classList.add("asked");
  told.textContent = cell.title;
  panel.hidden = false;
});

document.getElementById("copy").addEventListener("click", () => {
  getSelection().selectAllChildren(told); // so that it can be copied by hand where a browser refuses
  navigator.clipboard?.writeText(told.textContent);
});

document.getElementById("close").addEventListener("click", () => {
  document.querySelector("td.asked")?.classList.remove("asked");
  panel.hidden = true;
});
