// openid-client 6, unmodified, by FAPI 2.0: PAR, private_key_jwt, DPoP and its nonces; logs in, reads, refreshes; prints what it got.
import { createInterface } from 'node:readline/promises'
import * as client from 'openid-client'

const [issuer, clientId, jwk, algorithm, redirectUri] = process.argv.slice(2)
const kinds = { ES256: { name: 'ECDSA', namedCurve: 'P-256' }, Ed25519: { name: 'Ed25519' } }
const key = await crypto.subtle.importKey('jwk', JSON.parse(jwk), kinds[algorithm], false, ['sign'])
const config = await client.discovery(
  new URL(issuer), clientId,
  { id_token_signed_response_alg: 'ES256' },
  client.PrivateKeyJwt(key),
  { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
)
const calls = []
config[client.customFetch] = async (...request) => {
  const response = await fetch(...request)
  calls.push([new URL(request[0]).pathname, response.status, response.headers.has('dpop-nonce')])
  return response
}
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair(algorithm))
const pkceCodeVerifier = client.randomPKCECodeVerifier()
const expectedState = client.randomState()
const expectedNonce = client.randomNonce()
const url = await client.buildAuthorizationUrlWithPAR(config, {
  redirect_uri: redirectUri,
  scope: 'openid email offline_access',
  prompt: 'consent',
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: 'S256',
  state: expectedState,
  nonce: expectedNonce,
}, { DPoP })
console.log(url.href)

const input = createInterface({ input: process.stdin })
const [callback] = await new Promise((resolve) => input.once('line', (line) => resolve([line])))
input.close()
const first = await client.authorizationCodeGrant(config, new URL(callback), {
  pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true,
}, undefined, { DPoP })
const sub = first.claims().sub
const userinfo = await client.fetchUserInfo(config, first.access_token, sub, { DPoP })
const second = await client.refreshTokenGrant(config, first.refresh_token, undefined, { DPoP })
const again = await client.fetchUserInfo(config, second.access_token, sub, { DPoP })
const other = client.getDPoPHandle(config, await client.randomDPoPKeyPair(algorithm))
const stolen = await client.fetchUserInfo(config, second.access_token, sub, { DPoP: other }).catch((error) => error.status)
const bearer = await fetch(config.serverMetadata().userinfo_endpoint, { headers: { authorization: `Bearer ${second.access_token}` } })
console.log(JSON.stringify({
  claims: first.claims(), token_type: first.token_type, refreshed: second.claims(), rotated: second.refresh_token !== first.refresh_token,
  userinfo, again, stolen, bearer: bearer.status, calls, parameters: [...url.searchParams.keys()],
}))
