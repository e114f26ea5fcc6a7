// @ts-check
// Bantuan: what goes wrong most often, and why.
import { html, useEffect } from '../../vendor/preact.mjs';
import { language, t } from '../words.mjs';
import { Loaded, useLoad } from '../ui/load.mjs';
import { Heading } from '../ui/page.mjs';

/** @typedef {[string, string, string[]][]} Articles the name, the title and the paragraphs of each */

export function Help() {
  const load = useLoad(async () => /** @type {Articles} */ ((await import(`../../i18n/help-${language.value}.mjs`)).default), [language.value]);
  useEffect(() => {
    const wanted = location.hash && document.getElementById(location.hash.slice(1));
    if (wanted) wanted.scrollIntoView();
  }, [load.data]);
  return html`<${Heading} title=${t('help.title')} />
    <${Loaded} load=${load} lines=${8}>${(/** @type {Articles} */ articles) => html`
      <nav aria-label=${t('help.title')} class="space"><ul class="plain-list">${articles.map(([id, title]) => html`<li key=${id}><a href=${`#${id}`}>${title}</a></li>`)}</ul></nav>
      <div class="prose">
        ${articles.map(([id, title, paragraphs]) => html`<h2 key=${id} id=${id} tabindex="-1">${title}</h2>${paragraphs.map((text, index) => html`<p key=${index}>${text}</p>`)}`)}
      </div>`}
    </${Loaded}>`;
}
