// Answers the queries of the bench as the documentation of Fastify, Mercurius, undici and
// dataloader teaches, with Mercurius's compiler (jit) on.
import { readFile } from 'node:fs/promises'

import Fastify from 'fastify'
import mercurius from 'mercurius'

import { connect } from './crm.js'
import { createLoaders } from './loaders.js'
import { resolvers } from './resolvers.js'

const env = process.env
const app = Fastify()

app.register(mercurius, {
  schema: await readFile(new URL('../stock/graph/schema.graphqls', import.meta.url), 'utf8'),
  resolvers,
  jit: 1,
  path: '/graphql',
  context: (request) => {
    const crm = connect({
      proPortalURL: env.CRMGRAPH_PROPORTAL_URL,
      solosURL: env.CRMGRAPH_SOLOS_URL,
      solosToken: env.CRMGRAPH_SOLOS_TOKEN,
      solosSecret: env.CRMGRAPH_SOLOS_SECRET,
      authorization: request.headers.authorization
    })
    return { crm, loaders: createLoaders(crm) }
  }
})

const [host, port] = env.CRMGRAPH_LISTEN.split(':')
await app.listen({ host, port: Number(port) })
