// @ts-check
// Something that is shown once and never again.
import { html, useState } from '../../vendor/preact.mjs';
import { t } from '../words.mjs';
import { Dialog } from './dialog.mjs';

/** @param {{title: string, text: string, secret: string, onClose: () => void}} props */
export function Secret({ title, text, secret, onClose }) {
  const [isCopied, setCopied] = useState(false);
  async function copy() {
    // Without TLS there is no clipboard; the text can be selected with one click.
    await navigator.clipboard?.writeText(secret).then(() => setCopied(true), () => {});
  }
  return html`<${Dialog} title=${title} onClose=${onClose} close=${t('users.done')}
    actions=${html`<button type="button" class="button primary" onClick=${copy}>${t(isCopied ? 'copied' : 'copy')}</button>`}>
    <p>${text}</p>
    <p class="secret">${secret}</p>
  </${Dialog}>`;
}
