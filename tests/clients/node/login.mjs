// openid-client 6, unmodified: prints the authorization URL, reads the callback URL, prints what it got.
import { createInterface } from 'node:readline/promises'
import * as client from 'openid-client'

const [issuer, clientId, clientSecret, redirectUri] = process.argv.slice(2)
const config = await client.discovery(
  new URL(issuer), clientId,
  { id_token_signed_response_alg: 'ES256' },
  client.ClientSecretBasic(clientSecret),
  { execute: [client.allowInsecureRequests] },
)
const pkceCodeVerifier = client.randomPKCECodeVerifier()
const expectedState = client.randomState()
const expectedNonce = client.randomNonce()
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: redirectUri,
  scope: 'openid profile email birth',
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: 'S256',
  state: expectedState,
  nonce: expectedNonce,
})
console.log(url.href)

const input = createInterface({ input: process.stdin })
const [callback] = await new Promise((resolve) => input.once('line', (line) => resolve([line])))
input.close()
const tokens = await client.authorizationCodeGrant(config, new URL(callback), {
  pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true,
})
const claims = tokens.claims()
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
console.log(JSON.stringify({ claims, userinfo }))
