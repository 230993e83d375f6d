// Keeps everything in Redis: the adapter of oidc-provider's examples (example/adapters/redis.js, MIT,
// Copyright (c) 2015 Filip Skokan), without device codes.
import Redis from 'ioredis'

export const client = new Redis({ path: process.env.REDIS_SOCKET, keyPrefix: 'oidc:' })
const grantable = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken'])
const consumable = new Set(['AuthorizationCode', 'RefreshToken'])

export class RedisAdapter {
  constructor(name) {
    this.name = name
  }

  async upsert(id, payload, expiresIn) {
    const key = this.key(id)
    const multi = client.multi()
    if (consumable.has(this.name)) multi.hmset(key, { payload: JSON.stringify(payload) })
    else multi.set(key, JSON.stringify(payload))
    if (expiresIn) multi.expire(key, expiresIn)
    if (grantable.has(this.name) && payload.grantId) {
      const grantKey = `grant:${payload.grantId}`
      multi.rpush(grantKey, key)
      const ttl = await client.ttl(grantKey)
      if (expiresIn > ttl) multi.expire(grantKey, expiresIn)
    }
    if (payload.uid) {
      multi.set(`uid:${payload.uid}`, id)
      multi.expire(`uid:${payload.uid}`, expiresIn)
    }
    await multi.exec()
  }

  async find(id) {
    if (!consumable.has(this.name)) {
      const data = await client.get(this.key(id))
      return data ? JSON.parse(data) : undefined
    }
    const { payload, ...rest } = await client.hgetall(this.key(id))
    return payload ? { ...rest, ...JSON.parse(payload) } : undefined
  }

  async findByUid(uid) {
    return this.find(await client.get(`uid:${uid}`))
  }

  async destroy(id) {
    await client.del(this.key(id))
  }

  async consume(id) {
    await client.hset(this.key(id), 'consumed', Math.floor(Date.now() / 1000))
  }

  async revokeByGrantId(grantId) {
    const tokens = await client.lrange(`grant:${grantId}`, 0, -1)
    await client.del(`grant:${grantId}`, ...tokens)
  }

  key(id) {
    return `${this.name}:${id}`
  }
}
