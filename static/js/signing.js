// Signing with a passkey: asks the server what to ask it, and hands its answer in with the form.
(() => {
  "use strict";

  async function answer(address, token) {
    const response = await fetch(address, { method: "POST", headers: { "X-CSRFToken": token, Accept: "application/json" } });
    const asked = await response.json();
    if (!response.ok) throw new Error(asked.sentence);
    return window.webauthnJSON.get(asked);
  }

  function prepare(button) {
    const { form } = button;
    const place = form.querySelector("[data-passkey-trouble]");
    button.hidden = false;
    button.addEventListener("click", async () => {
      place.hidden = true;
      if (!form.reportValidity()) return;
      try {
        const token = form.elements.csrfmiddlewaretoken.value;
        form.elements.passkey.value = JSON.stringify(await answer(button.dataset.passkey, token));
        form.requestSubmit();
      } catch (error) {
        place.textContent = error.name === "NotAllowedError" ? "The passkey was not used. Nothing is signed." : `${error.message} Nothing is signed.`;
        place.hidden = false;
      }
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    if (window.PublicKeyCredential) document.querySelectorAll("[data-passkey]").forEach(prepare);
  });
})();
