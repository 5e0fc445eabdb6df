import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client/core/index.js'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions/index.js'
import { createPersistedQueryLink } from '@apollo/client/link/persisted-queries/index.js'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import {
	assertFirstEvent,
	authorization,
	customerID,
	deferProjects,
	deferTasks,
	plain,
	recorder,
	socketURL,
	token,
	unique,
	url,
	viewerID,
	watchBoard,
	wrongToken,
} from './gateway.mjs'

// connect returns a client over HTTP with an empty cache, and what it exchanges. Links go before HTTP.
function connect(t, { headers = { Authorization: authorization }, link } = {}) {
	const { exchanges, fetch } = recorder()
	const http = new HttpLink({ uri: url, fetch, headers })
	const client = new ApolloClient({ link: link ? link.concat(http) : http, cache: new InMemoryCache() })
	t.after(() => client.stop())
	return { client, exchanges }
}

const automatic = () =>
	createPersistedQueryLink({
		sha256: (text) => createHash('sha256').update(text).digest('hex'),
		useGETForHashedQueries: true,
	})

test('automatic persisted query over GET: miss, register, hit', async (t) => {
	const query = gql`query ${unique('Apollo')}($first: Int!) { viewer { id } tasks(first: $first) { nodes { id } } }`
	const ask = async (first) => {
		const { client, exchanges } = connect(t, { link: automatic() })
		const { data } = await client.query({ query, variables: { first } })
		assert.equal(data.viewer.id, viewerID)
		assert.equal(data.tasks.nodes.length, first)
		return exchanges
	}

	const [miss, register, ...more] = await ask(2)
	assert.equal(more.length, 0)
	assert.equal(miss.method, 'GET')
	assert.equal(miss.url.searchParams.has('query'), false)
	assert.equal(register.method, 'POST')
	assert.ok(register.body.query)
	assert.deepEqual(register.body.extensions, JSON.parse(miss.url.searchParams.get('extensions')))

	const hits = await ask(3)
	assert.deepEqual(hits.map(({ method, status }) => [method, status]), [['GET', 200]])
	assert.equal(hits[0].url.searchParams.has('query'), false)
})

test('a mutation with automatic persisted queries goes by POST', async (t) => {
	const { client, exchanges } = connect(t, {
		link: automatic(),
		headers: { Authorization: `Basic ${btoa(`${viewerID}:sandbox`)}` },
	})
	const mutation = gql`mutation ${unique('Login')} { login { token } }`
	const { data } = await client.mutate({ mutation })
	assert.ok(data.login.token)
	assert.deepEqual([...new Set(exchanges.map(({ method }) => method))], ['POST'])
})

test('@defer: the rest comes after what is not deferred, and the cache is whole at the end', async (t) => {
	const variables = { id: await customerID() }
	const { client, exchanges } = connect(t)
	const query = gql(deferProjects)
	const results = await resultsUntil(client.watchQuery({ query, variables }), ({ customer }) => customer.projects)
	assert.ok(results.length >= 2, 'everything came at once')
	assert.ok(results[0].customer.name)
	const last = results.at(-1)
	assert.equal(last.customer.name, results[0].customer.name)
	assert.ok(last.customer.projects.nodes.length > 0)
	assert.deepEqual(client.readQuery({ query, variables }), last)
	assert.deepEqual(exchanges.map(({ status, type }) => [status, type]), [[200, 'multipart/mixed']])
})

test('@defer: what is deferred is not there at first, rather than null', async (t) => {
	const { client } = connect(t)
	const query = client.watchQuery({ query: gql(deferProjects), variables: { id: await customerID() } })
	const [first] = await resultsUntil(query, ({ customer }) => customer.projects)
	assert.deepEqual(Object.keys(plain(first.customer)).sort(), ['id', 'name'])
})

test('@defer of items of a list finds each of them', async (t) => {
	const { data } = await connect(t).client.query({ query: gql(deferTasks('')) })
	assert.equal(data.portfolio.nodes.length, 5)
	const query = connect(t).client.watchQuery({ query: gql(deferTasks('@defer')) })
	const results = await resultsUntil(query, ({ portfolio }) => portfolio.nodes.every(({ tasks }) => tasks))
	assert.ok(results.length >= 2, 'everything came at once')
	assert.deepEqual(plain(results.at(-1)), plain(data))
})

test('a query without @defer has one JSON response', async (t) => {
	const { client, exchanges } = connect(t)
	const { data } = await client.query({ query: gql`{ viewer { id } }` })
	assert.equal(data.viewer.id, viewerID)
	assert.match(exchanges[0].type, /^application\/(graphql-response\+)?json$/)
})

test('a wrong token is a network error with status 401 and the code', async (t) => {
	const { client } = connect(t, { headers: { Authorization: `Bearer ${wrongToken}` } })
	await assert.rejects(client.query({ query: gql`{ viewer { id } }` }), ({ networkError }) => {
		assert.equal(networkError.statusCode, 401)
		assert.equal(networkError.result.errors[0].extensions.code, 'UNAUTHENTICATED')
		return true
	})
})

test('a document that is wrong is an error with the code', async (t) => {
	const { client } = connect(t)
	await assert.rejects(client.query({ query: gql`{ nothing }` }), ({ networkError, graphQLErrors }) => {
		const [error] = networkError?.result.errors ?? graphQLErrors
		assert.equal(error.extensions.code, 'GRAPHQL_VALIDATION_FAILED')
		return true
	})
})

test('subscription over multipart HTTP: the first event has the whole board', async (t) => {
	const { client, exchanges } = connect(t)
	const { data } = await first(client.subscribe({ query: gql(watchBoard) }))
	await assertFirstEvent(data.taskBoardChanges)
	assert.equal(exchanges[0].type, 'multipart/mixed')
})

test('subscription over WebSocket: the first event has the whole board', async (t) => {
	const socket = createClient({ url: socketURL, webSocketImpl: WebSocket, connectionParams: { token }, retryAttempts: 0 })
	t.after(() => socket.dispose())
	const client = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache() })
	t.after(() => client.stop())
	const { data } = await first(client.subscribe({ query: gql(watchBoard) }))
	await assertFirstEvent(data.taskBoardChanges)
})

// first returns the first result of an observable, and leaves.
function first(observable) {
	return new Promise((resolve, reject) => {
		const subscription = observable.subscribe({
			next: (result) => {
				resolve(result)
				setImmediate(() => subscription.unsubscribe())
			},
			error: reject,
		})
	})
}

// resultsUntil returns the data of each result of a query up to one that is done.
function resultsUntil(query, done) {
	return new Promise((resolve, reject) => {
		const results = []
		const subscription = query.subscribe({
			next: ({ data }) => {
				results.push(data)
				if (done(data)) {
					resolve(results)
					setImmediate(() => subscription.unsubscribe())
				}
			},
			error: reject,
		})
	})
}
