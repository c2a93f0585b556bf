/* The address field of a report: HTMX brings known addresses below it; choosing one fills what belongs to it.
   Nothing that was typed is taken away: the words stay where they say more than the known address. */
const field = document.querySelector("[data-address]");
const list = document.getElementById("address-matches");

const spoken = document.querySelector("[data-address-said]");
const speak = () => { spoken.textContent = list.querySelector("p")?.textContent ?? ""; };

const choices = () => [...list.querySelectorAll("button")];

function choose(button) {
  const { fills, community, lng, lat } = button.dataset;
  field.value = fills;
  const areas = document.getElementById("id_area_code");
  if ([...areas.options].some((option) => option.value === community)) areas.value = community;
  document.getElementById("id_lng").value = lng;
  document.getElementById("id_lat").value = lat;
  document.getElementById("id_lat").dispatchEvent(new Event("change")); // the pin follows
  const said = document.createElement("p");
  said.className = "r-match r-match--chosen";
  said.append(list.dataset.textChosen.replace("%(address)s", button.querySelector("b").textContent));
  list.replaceChildren(said);
  speak();
  field.dispatchEvent(new CustomEvent("htmx:abort")); // an answer that is still on its way is too late
  field.form.dispatchEvent(new Event("input")); // the draft saves itself
  field.focus();
}

list.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) choose(button);
});

list.addEventListener("htmx:afterSwap", speak);

/* arrow keys walk between the field and the list, Escape closes the list */
function walk(event) {
  const all = choices();
  if (event.isComposing || !all.length) return;
  const at = all.indexOf(document.activeElement);
  if (event.key === "Escape") list.replaceChildren();
  else if (event.key === "ArrowDown") all[Math.min(at + 1, all.length - 1)].focus();
  else if (event.key === "ArrowUp" && at >= 0) (all[at - 1] ?? field).focus();
  else return;
  if (event.key === "Escape") field.focus();
  event.preventDefault();
}
field.addEventListener("keydown", walk);
list.addEventListener("keydown", walk);

/* no answer: the words are enough, so nothing is said */
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  field.addEventListener(failure, (event) => {
    event.stopPropagation();
    list.replaceChildren();
  });
}
