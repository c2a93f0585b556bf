/* 代录: a likely item is put into its field at once; without script the button sends the form and comes back with it. */
document.addEventListener("click", (event) => {
  const chip = event.target.closest?.("[data-fills-field]");
  if (!chip) return;
  const field = document.getElementById(chip.dataset.fillsField);
  if (!field) return;
  event.preventDefault();
  field.value = chip.value;
  field.closest("details")?.setAttribute("open", "");
  field.form.dispatchEvent(new Event("input")); // the draft saves itself
  field.dispatchEvent(new Event("change", { bubbles: true })); // and the questions of the item come
  field.focus();
});
