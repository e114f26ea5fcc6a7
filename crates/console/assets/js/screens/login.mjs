// @ts-check
// Masuk: the login, and the new password that a user has to choose before anything else.
import { html, useState } from '../../vendor/preact.mjs';
import { post } from '../api.mjs';
import { amendUser, logOut, user } from '../session.mjs';
import { t } from '../words.mjs';
import { Action } from '../ui/action.mjs';
import { TextField } from '../ui/field.mjs';
import { Languages, LoginForm } from '../ui/frame.mjs';
import { Heading } from '../ui/page.mjs';
import { StatusLine } from '../ui/status.mjs';

export function Login() {
  const isNew = user.value?.must_change_password;
  return html`<main id="isi" class="login">
      <div class="login-box">
        <p class="product">${t('product')}</p>
        <${Heading} key=${isNew ? 'new' : 'login'} title=${t(isNew ? 'login.new-title' : 'login.title')} />
        ${isNew
          ? html`<p class="quiet">${t('login.new-text')}</p><${NewPassword} />`
          : html`<${LoginForm} /><p class="quiet small">${t('login.forgotten')}</p>`}
      </div>
      <${Languages} />
    </main>
    <${StatusLine} />`;
}

/** The password of the login is requested again, because another person may be at the keyboard. */
function NewPassword() {
  const [old, setOld] = useState('');
  const [fresh, setFresh] = useState('');
  const [error, setError] = useState(/** @type {any} */ (null));
  async function change() {
    setError(null);
    await post('/auth/password', { current_password: old, new_password: fresh });
    amendUser({ must_change_password: false });
  }
  const isWrong = error?.code === 'wrong_password';
  return html`<div class="stack">
    <${TextField} label=${t('password.old')} value=${old} onInput=${setOld} type="password" autocomplete="current-password" error=${isWrong && t('problem.wrong_password')} />
    <${TextField} label=${t('password.new')} value=${fresh} onInput=${setFresh} type="password" autocomplete="new-password" hint=${t('password.rule')}
      error=${error && !isWrong && passwordProblem(error)} />
    <${Action} run=${change} kind="primary wide" busy=${t('saving')} onError=${(/** @type {any} */ failure) => {
      setError(failure);
      return failure.code === 'wrong_password' || failure.code === 'validation_failed';
    }}>${t('password.change')}</${Action}>
    <button type="button" class="link" onClick=${logOut}>${t('log-out')}</button>
  </div>`;
}

/** @param {any} error */
const passwordProblem = (error) => (error.code === 'validation_failed' ? t('password.refused') : null);
