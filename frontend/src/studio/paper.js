// What one draws on, and the panels that come with it, are light in dark mode too: as paper, with all that lies on it.
export function onPaper(place) {
  for (const paper of place.querySelectorAll('.studio-canvas, .studio-properties-panel, .form-canvas, .form-properties-panel')) paper.dataset.colorScheme = 'light';
}
