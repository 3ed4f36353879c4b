// A pad to sign on with finger, pen or mouse; the picture travels as an ordinary form field.
const pads = () => document.querySelectorAll('canvas[data-signature]:not([data-on])');

async function enhance() {
  const canvases = pads();
  if (!canvases.length) return;
  const { default: SignaturePad } = await import('signature_pad');
  for (const canvas of canvases) start(canvas, SignaturePad);
}

function start(canvas, SignaturePad) {
  canvas.dataset.on = '1';
  const field = document.getElementById(canvas.dataset.signature);
  const pad = new SignaturePad(canvas, { backgroundColor: 'rgb(255,255,255)' });
  const fit = () => {
    const ratio = Math.max(devicePixelRatio || 1, 1);
    const strokes = pad.toData();
    canvas.width = canvas.offsetWidth * ratio;
    canvas.height = canvas.offsetHeight * ratio;
    canvas.getContext('2d').scale(ratio, ratio);
    pad.clear();
    pad.fromData(strokes);
  };
  new ResizeObserver(fit).observe(canvas);
  const keep = (value) => { field.value = value; field.dispatchEvent(new Event('input', { bubbles: true })); };
  pad.addEventListener('endStroke', () => keep(pad.toDataURL('image/png')));
  document.querySelector(`[data-clear="${canvas.id}"]`)?.addEventListener('click', () => { pad.clear(); keep(''); });
}

document.addEventListener('htmx:after:swap', enhance);
enhance();
