import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client, fetchExchange, gql } from '@urql/core'
import { persistedExchange } from '@urql/exchange-persisted'
import {
	assertFirstEvent,
	authorization,
	customerID,
	deferProjects,
	deferTasks,
	plain,
	recorder,
	unique,
	url,
	viewerID,
	watchBoard,
	wrongToken,
} from './gateway.mjs'

// connect returns a client without a cache, and what it exchanges.
function connect({ exchanges: before = [], authorization: value = authorization } = {}) {
	const { exchanges, fetch } = recorder()
	const client = new Client({
		url,
		fetch,
		fetchOptions: { headers: { Authorization: value } },
		preferGetMethod: false,
		fetchSubscriptions: true,
		exchanges: [...before, fetchExchange],
	})
	return { client, exchanges }
}

test('persisted query over GET: miss, register, hit', async () => {
	const query = gql(`query ${unique('Urql')}($first: Int!) { viewer { id } tasks(first: $first) { nodes { id } } }`)
	const ask = async (first) => {
		const { client, exchanges } = connect({ exchanges: [persistedExchange({ preferGetForPersistedQueries: 'force' })] })
		const { data, error } = await client.query(query, { first }).toPromise()
		assert.equal(error, undefined)
		assert.equal(data.viewer.id, viewerID)
		assert.equal(data.tasks.nodes.length, first)
		return exchanges
	}

	const [miss, register, ...more] = await ask(2)
	assert.equal(more.length, 0)
	assert.equal(miss.method, 'GET')
	assert.equal(miss.url.searchParams.has('query'), false)
	assert.equal(register.status, 200)
	assert.ok(register.body?.query ?? register.url.searchParams.get('query'))

	const hits = await ask(3)
	assert.deepEqual(hits.map(({ method, status }) => [method, status]), [['GET', 200]])
	assert.equal(hits[0].url.searchParams.has('query'), false)
})

test('query by POST', async () => {
	const { client, exchanges } = connect()
	const { data, error } = await client.query('query ($first: Int!) { tasks(first: $first) { nodes { id } } }', { first: 3 })
	assert.equal(error, undefined)
	assert.equal(data.tasks.nodes.length, 3)
	assert.deepEqual(
		exchanges.map(({ method, status, type }) => [method, status, type]),
		[['POST', 200, 'application/graphql-response+json']],
	)
})

test('@defer: the rest comes after what is not deferred', async () => {
	const { client, exchanges } = connect()
	const results = await whole(client.query(deferProjects, { id: await customerID() }))
	assert.ok(results.length >= 2, 'everything came at once')
	assert.ok(results[0].data.customer.name)
	const last = results.at(-1)
	assert.equal(last.error, undefined)
	assert.equal(last.data.customer.name, results[0].data.customer.name)
	assert.ok(last.data.customer.projects.nodes.length > 0)
	assert.ok(['multipart/mixed', 'text/event-stream'].includes(exchanges[0].type), exchanges[0].type)
})

test('@defer: what is deferred is not there at first, rather than null', async () => {
	const [first] = await whole(connect().client.query(deferProjects, { id: await customerID() }))
	assert.deepEqual(Object.keys(plain(first.data.customer)).sort(), ['id', 'name'])
})

test('@defer of items of a list finds each of them', async () => {
	const { data } = await connect().client.query(deferTasks(''), {})
	assert.equal(data.portfolio.nodes.length, 5)
	const results = await whole(connect().client.query(deferTasks('@defer'), {}))
	assert.ok(results.length >= 2, 'everything came at once')
	assert.deepEqual(plain(results.at(-1).data), plain(data))
})

test('a wrong token is an error with the code', async () => {
	const { client, exchanges } = connect({ authorization: `Bearer ${wrongToken}` })
	const { data, error } = await client.query('{ viewer { id } }', {})
	assert.equal(data, undefined)
	assert.equal(error.graphQLErrors[0]?.extensions.code, 'UNAUTHENTICATED')
	assert.equal(exchanges[0].status, 401)
})

test('subscription over fetch: the first event has the whole board', async () => {
	const { client, exchanges } = connect()
	const { data, error } = await new Promise((resolve) => {
		const { unsubscribe } = client.subscription(watchBoard, {}).subscribe((result) => {
			resolve(result)
			setImmediate(unsubscribe)
		})
	})
	assert.equal(error, undefined)
	await assertFirstEvent(data.taskBoardChanges)
	assert.ok(['multipart/mixed', 'text/event-stream'].includes(exchanges[0].type), exchanges[0].type)
})

// whole returns the results of a query up to its last one.
function whole(source) {
	return new Promise((resolve) => {
		const results = []
		source.subscribe((result) => {
			results.push(result)
			if (!result.hasNext) {
				resolve(results)
			}
		})
	})
}
