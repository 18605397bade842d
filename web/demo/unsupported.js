/* Runs where the rest of the page does not: in browsers that know no modules or not their syntax. In plain old script. */
(function () {
  function tell() {
    if (document.documentElement.hasAttribute('data-started')) return
    var line = document.getElementById('empty-text')
    if (line) line.textContent = 'The page could not start. Please load it again. If that does not help, your browser is too old: Chrome 100, Firefox 114 or Safari 16.4 is needed.'
  }
  addEventListener('error', tell, true)
  addEventListener('load', tell)
})()
