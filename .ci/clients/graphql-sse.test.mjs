import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient } from 'graphql-sse'
import { assertFirstEvent, assertParts, authorization, customerID, deferProjects, recorder, url, viewerID, watchBoard, wrongToken } from './gateway.mjs'

// connect returns a client in distinct connections mode, and what it exchanges.
function connect(t, options) {
	const { exchanges, fetch } = recorder()
	const client = createClient({
		url,
		singleConnection: false,
		retryAttempts: 0,
		headers: { Authorization: authorization },
		fetchFn: fetch,
		...options,
	})
	t.after(() => client.dispose())
	return { client, exchanges }
}

async function all(client, payload) {
	const results = []
	for await (const result of client.iterate(payload)) {
		results.push(result)
	}
	return results
}

test('query: one result, then the end', async (t) => {
	const { client, exchanges } = connect(t)
	assert.deepEqual(await all(client, { query: '{ viewer { id } }' }), [{ data: { viewer: { id: viewerID } } }])
	assert.deepEqual(
		exchanges.map(({ method, status, type }) => [method, status, type]),
		[['POST', 200, 'text/event-stream']],
	)
})

test('query with variables and operationName', async (t) => {
	const { client } = connect(t)
	const [result] = await all(client, {
		query: 'query Tasks($first: Int!) { tasks(first: $first) { nodes { id } } } query Viewer { viewer { id } }',
		operationName: 'Tasks',
		variables: { first: 3 },
	})
	assert.equal(result.errors, undefined)
	assert.equal(result.data.tasks.nodes.length, 3)
})

test('subscription: the first event has the whole board, and the client can leave', async (t) => {
	const { client } = connect(t)
	const events = client.iterate({ query: watchBoard })
	const { value } = await events.next()
	assert.equal(value.errors, undefined)
	await assertFirstEvent(value.data.taskBoardChanges)
	await events.return()

	const again = client.iterate({ query: watchBoard })
	assert.equal((await again.next()).done, false)
	await again.return()
})

// What keeps an operation from being run is a result too, as browsers' EventSource shows no
// other response to those who use it.
const refused = {
	'a wrong token': [{ headers: { Authorization: `Bearer ${wrongToken}` } }, watchBoard, 'UNAUTHENTICATED'],
	'a document that is wrong': [{}, 'subscription { nothing }', 'GRAPHQL_VALIDATION_FAILED'],
}
for (const [name, [options, query, code]] of Object.entries(refused)) {
	test(`${name} is the only result`, async (t) => {
		const { client } = connect(t, options)
		const results = await all(client, { query })
		assert.equal(results.length, 1)
		assert.equal('data' in results[0], false)
		assert.deepEqual(results[0].errors.map(({ extensions }) => extensions.code), [code])
	})
}

test('@defer: the rest comes as an event of its own', async (t) => {
	const { client } = connect(t)
	assertParts(await all(client, { query: deferProjects, variables: { id: await customerID() } }))
})
