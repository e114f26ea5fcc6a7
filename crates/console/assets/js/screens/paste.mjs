// @ts-check
// Cells that were copied from a spreadsheet: they arrive as text separated by tabs, and are uploaded as a file.
import { html, useState } from '../../vendor/preact.mjs';
import { t } from '../words.mjs';
import { Dialog } from '../ui/dialog.mjs';

/** @param {{onClose: () => void, onFile: (file: File) => void}} props */
export function PasteDialog({ onClose, onFile }) {
  const [text, setText] = useState('');
  const use = () => onFile(new File([text], t('paste.file'), { type: 'text/tab-separated-values' }));
  return html`<${Dialog} title=${t('paste.title')} wide onClose=${onClose}
    actions=${html`<button type="button" class="button primary" disabled=${text.trim() === ''} onClick=${use}>${t('paste.use')}</button>`}>
    <p id="paste-hint">${t('paste.hint')}</p>
    <div class="field">
      <label for="paste">${t('paste.label')}</label>
      <textarea id="paste" aria-describedby="paste-hint" autocomplete="off" spellcheck=${false} value=${text} onInput=${(/** @type {any} */ event) => setText(event.target.value)}></textarea>
    </div>
  </${Dialog}>`;
}
