// openid-client 6, unmodified: logs in with a resource, refreshes, introspects as the API, revokes; prints what it got.
import { createInterface } from 'node:readline/promises'
import * as client from 'openid-client'

const [issuer, clientId, clientSecret, redirectUri, apiId, apiSecret, resource] = process.argv.slice(2)
const found = (id, secret) => client.discovery(
  new URL(issuer), id,
  { id_token_signed_response_alg: 'ES256' },
  client.ClientSecretBasic(secret),
  { execute: [client.allowInsecureRequests] },
)
const config = await found(clientId, clientSecret)
const api = await found(apiId, apiSecret)
const pkceCodeVerifier = client.randomPKCECodeVerifier()
const expectedState = client.randomState()
const expectedNonce = client.randomNonce()
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: redirectUri,
  scope: 'openid email offline_access',
  resource,
  prompt: 'consent',
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: 'S256',
  state: expectedState,
  nonce: expectedNonce,
})
console.log(url.href)

const input = createInterface({ input: process.stdin })
const [callback] = await new Promise((resolve) => input.once('line', (line) => resolve([line])))
input.close()
const first = await client.authorizationCodeGrant(config, new URL(callback), {
  pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true,
})
const active = await client.tokenIntrospection(api, first.access_token)
const second = await client.refreshTokenGrant(config, first.refresh_token)
const ours = await client.refreshTokenGrant(config, second.refresh_token, { resource: issuer })
const sub = first.claims().sub
const userinfo = await client.fetchUserInfo(config, ours.access_token, sub)
await client.tokenRevocation(config, first.access_token)
const given_back = await client.tokenIntrospection(api, first.access_token)
await client.tokenRevocation(config, second.refresh_token)
const ended = await client.tokenIntrospection(api, second.access_token)
const refused = await client.refreshTokenGrant(config, second.refresh_token).catch((error) => error.error)
console.log(JSON.stringify({
  claims: first.claims(), refreshed: second.claims(), scope: second.scope, active, userinfo, given_back, ended, refused,
}))
