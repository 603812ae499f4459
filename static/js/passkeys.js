// Hands the buttons of a page to allauth's scripts, and says in the page what a passkey would not do.
(() => {
  "use strict";

  const isAddress = /^[\d.]+$|^\[/.test(location.hostname);

  function tell(sentence) {
    const place = document.querySelector("[data-passkey-trouble]");
    place.textContent = sentence;
    place.hidden = false;
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-passkey]")) {
      const { passkey, credential } = button.dataset;
      const ids = { authenticate: button.id, add: button.id, credential, data: "js_data" };
      window.allauth.webauthn.forms[passkey]({ ids });
    }
    if (!window.PublicKeyCredential || isAddress) tell("Passkeys need a name and https in the address, or http://localhost; this address has neither.");
  });
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const { exception } = event.detail;
    const sentences = {
      NotAllowedError: "The passkey was not used. Try again.",
      InvalidStateError: "This passkey has been added already.",
    };
    tell(sentences[exception.name] || `The browser could not use a passkey: ${exception.message}`);
  });
})();
