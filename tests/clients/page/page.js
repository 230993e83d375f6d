// oidc-client-ts 3, unmodified: a partner's page without a server behind it. Tests call the manager.
const { UserManager, WebStorageStateStore } = window.oidc
const issuer = document.querySelector('meta[name=issuer]').content
window.manager = new UserManager({
  authority: issuer,
  client_id: 'page',
  redirect_uri: `${location.origin}/retour`,
  post_logout_redirect_uri: `${location.origin}/au-revoir`,
  scope: 'openid profile',
  loadUserInfo: true,
  automaticSilentRenew: false,
  userStore: new WebStorageStateStore({ store: sessionStorage }),
})
function says(text) {
  document.querySelector('main').textContent = text
}
if (location.pathname === '/retour') {
  window.manager.signinRedirectCallback().then(() => { says('Connecté') })
} else if (location.pathname === '/au-revoir') {
  window.manager.signoutRedirectCallback().then(() => { says('Au revoir') })
}
