// oidc-provider as a deployment would set it up for the work that the broker does; whoever comes is logged in
// at once and agrees, so that the measured requests meet a session and a grant.
import { createHmac, generateKeyPairSync } from 'node:crypto'
import Provider from 'oidc-provider'
import { client as redis, RedisAdapter } from './redis.js'

const { port, redirectUri, resource, secret } = JSON.parse(process.argv[2])
const issuer = `http://127.0.0.1:${port}`
const person = {
  given_name: 'Claire', family_name: 'Martin', preferred_username: 'Durand', name: 'Claire Durand',
  gender: 'female', birthdate: '1980-01-01', email: 'claire@exemple.fr', email_verified: true,
}
await redis.set('account:1', JSON.stringify(person))
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
const partner = {
  client_secret: secret, redirect_uris: [redirectUri], response_types: ['code'], subject_type: 'pairwise',
  token_endpoint_auth_method: 'client_secret_basic', id_token_signed_response_alg: 'ES256',
}

const provider = new Provider(issuer, {
  adapter: RedisAdapter,
  jwks: { keys: [{ ...key, alg: 'ES256', use: 'sig', kid: 'es' }] },
  clients: [
    { ...partner, client_id: 'site', grant_types: ['authorization_code'], scope: 'openid profile email' },
    {
      ...partner, client_id: 'durable', grant_types: ['authorization_code', 'refresh_token'],
      scope: 'openid profile email offline_access',
    },
    { ...partner, client_id: 'api', redirect_uris: [], grant_types: [], response_types: [] },
  ],
  claims: {
    openid: ['sub'], email: ['email', 'email_verified'],
    profile: ['given_name', 'family_name', 'preferred_username', 'name', 'gender', 'birthdate'],
  },
  findAccount: async (_ctx, sub) => ({
    accountId: sub,
    claims: async () => ({ sub, ...JSON.parse(await redis.get(`account:${sub}`)) }),
  }),
  subjectTypes: ['pairwise'],
  pairwiseIdentifier: (_ctx, accountId, client) => (
    createHmac('sha256', secret).update(client.sectorIdentifier).update(accountId).digest('base64url')
  ),
  pkce: { required: () => true },
  cookies: { keys: [secret] },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true, allowedPolicy: async (_ctx, client, token) => token.aud === resource && client.clientId === 'api' },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({ scope: 'openid', audience: resource, accessTokenFormat: 'opaque', accessTokenTTL: 300 }),
    },
  },
  ttl: {
    AccessToken: 300, AuthorizationCode: 60, IdToken: 300, Interaction: 3600,
    Session: 43200, Grant: 43200, RefreshToken: 43200,
  },
})

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next()
  const { params } = await provider.interactionDetails(ctx.req, ctx.res)
  const grant = new provider.Grant({ accountId: '1', clientId: params.client_id })
  grant.addOIDCScope('openid profile email offline_access')
  grant.addResourceScope(resource, 'openid')
  const result = { login: { accountId: '1', acr: 'eidas1', amr: ['pwd'] }, consent: { grantId: await grant.save() } }
  ctx.status = 303
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result))
})
provider.listen(port, '127.0.0.1')
