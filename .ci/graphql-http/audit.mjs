// Runs the server audits of graphql-http against a running server and prints each of them:
//
//	npm ci && node audit.mjs http://127.0.0.1:8080/graphql
//
// It fails if an audit fails that the draft of August 2026 does not contradict, and if one
// passes that it does.
import { serverAudits } from 'graphql-http'

// The audits are older than the draft: some of what they say a server MAY do is what an
// earlier one said. This is the sentence of the section "Status Codes" that contradicts them.
const malformed = 'If the request is not a well-formed GraphQL-over-HTTP request, status code 422 SHOULD be used.'

const contradicted = {
	'423L': malformed,
	...each('LKJ', malformed), // query
	...each('6C0', malformed), // operationName
	...each('476', malformed), // variables
	...each('58B', malformed), // extensions
	'3E3A': malformed,
}

// each returns a reason for the four audits of one parameter.
function each(prefix, reason) {
	return Object.fromEntries([0, 1, 2, 3].map((i) => [prefix + i, reason]))
}

const url = process.argv[2]
if (!url) {
	console.error('usage: node audit.mjs URL')
	process.exit(2)
}

const unexpected = []
const counts = {}
for (const audit of serverAudits({ url })) {
	const result = await audit.fn()
	const passed = result.status === 'ok'
	const reason = contradicted[audit.id]
	const verdict = passed ? 'passed' : reason ? 'contradicted' : 'FAILED'
	counts[verdict] = (counts[verdict] ?? 0) + 1
	console.log(`${verdict.padEnd(12)} ${audit.id} ${audit.name}`)
	if (!passed) {
		console.log(`             ${result.reason}`)
		console.log(reason ? `             The draft: ${reason}` : `             ${await describe(result.response)}`)
	}
	if (passed === Boolean(reason)) {
		unexpected.push(audit.id)
	}
}
console.log(JSON.stringify(counts))
if (unexpected.length > 0) {
	console.error(`not as the draft has it: ${unexpected.join(', ')}`)
	process.exit(1)
}

async function describe(response) {
	return `${response.status} ${response.headers.get('content-type')} ${await response.clone().text().catch(() => '')}`
}
