import { html } from '../../vendor/preact.mjs';
export const Upload = () => html`<h1>…</h1>`;
