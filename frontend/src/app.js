// What every page loads: the design system's elements, htmx, and our own small enhancements.
import './app.css';
import '@digdir/designsystemet-web';
import 'htmx.org';
