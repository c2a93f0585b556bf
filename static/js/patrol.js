/* A finding on a telephone: the position is read when its button is pressed, never before, and can be taken out again. */
const box = document.querySelector("[data-position]");

if (box && window.isSecureContext && navigator.geolocation) {
  const lng = document.getElementById(box.dataset.lng);
  const lat = document.getElementById(box.dataset.lat);
  const said = box.querySelector("[data-position-said]");
  const drop = box.querySelector("[data-position-drop]");
  const word = (name) => box.dataset[`text${name}`];

  const show = async () => {
    drop.hidden = !lng.value;
    if (!lng.value) {
      said.textContent = "";
      return;
    }
    said.textContent = word("Kept");
    try {
      const answer = await fetch(`${box.dataset.where}?lng=${lng.value}&lat=${lat.value}`, { credentials: "same-origin" });
      const place = await answer.json();
      said.textContent = place.outside ? word("Outside") : `${word("Kept")} ${place.message}`;
    } catch { /* in a dead spot the position is kept all the same */ }
  };

  box.hidden = false;
  box.querySelector("[data-position-ask]").addEventListener("click", () => {
    said.textContent = word("Asking");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        lng.value = coords.longitude.toFixed(6);
        lat.value = coords.latitude.toFixed(6);
        show();
      },
      (error) => { said.textContent = word(error.code === 1 ? "Denied" : "Missing"); },
      { enableHighAccuracy: true, timeout: 10000, maximumAge: 30000 },
    );
  });
  drop.addEventListener("click", () => {
    lng.value = lat.value = "";
    show();
  });
  show();
}
