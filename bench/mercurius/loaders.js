// The loaders of one request.
import DataLoader from 'dataloader'

export function createLoaders (crm) {
  return {
    // The three lists hold all tasks.
    tasks: new DataLoader(async (customers) => {
      const lists = await Promise.all(['PLANNED', 'OVERDUE', 'COMPLETED'].map((status) => crm.tasks(status)))
      const byCustomer = groupBy(lists.flat())
      return customers.map((customer) => (byCustomer.get(customer) ?? []).sort((a, b) => b.start - a.start || b.number - a.number))
    }),

    projects: new DataLoader(async (customers) => {
      const byCustomer = groupBy(await crm.projectsOf(customers))
      return customers.map((customer) => byCustomer.get(customer) ?? [])
    }),

    steps: new DataLoader((projects) => Promise.all(projects.map((project) => crm.steps(project)))),

    payments: new DataLoader((pages) => Promise.all(pages.map(({ project, first }) => crm.payments(project, first))), {
      cacheKeyFn: ({ project, first }) => `${project}:${first}`
    })
  }
}

function groupBy (rows) {
  const groups = new Map()
  for (const row of rows) {
    const group = groups.get(row.customer)
    if (group) group.push(row)
    else groups.set(row.customer, [row])
  }
  return groups
}
