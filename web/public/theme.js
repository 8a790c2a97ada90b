// Runs before the first paint: a person who chose a theme never sees the other one flash.
;(function () {
  try {
    var chosen = localStorage.getItem('docket.theme')
    if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen
  } catch (_) {
    // Storage is closed to us; the system's theme it is.
  }
})()
