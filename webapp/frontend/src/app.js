// What every page needs; each module wires itself to attributes in the mark-up, so that pages stay plain HTML without it.
import './shouhou.css';
import './pages.css';
import './case.css';
import './requests.js';
import './polling.js';
import './forms.js';
import './intake.js';
import './signature.js';
import './drafts.js';
import './keys.js';

document.documentElement.classList.add('js');
document.body.dataset.ready = '1';
