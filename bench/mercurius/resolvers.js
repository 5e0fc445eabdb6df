export const resolvers = {
  Query: {
    portfolio: (_, { first }, { crm }) => crm.portfolio(first),
    projects: async (_, { first }, { crm }) => ({ nodes: await crm.projects(first) }),
    project: (_, { id }, { crm }) => crm.project(id)
  },
  Customer: {
    tasks: async (customer, { first }, { loaders }) => ({ nodes: (await loaders.tasks.load(customer.number)).slice(0, first) }),
    projects: async (customer, { first }, { loaders }) => ({ nodes: (await loaders.projects.load(customer.number)).slice(0, first) })
  },
  Project: {
    fields: (project) => Object.entries(project.data).map(([name, value]) => ({ name, value })),
    field: (project, { name }) => project.data[name],
    steps: (project, _, { loaders }) => loaders.steps.load(project.number),
    actions: async (project, { first }, { crm }) => ({ nodes: await crm.actions(project.number, first) }),
    payments: async (project, { first }, { loaders }) => ({ nodes: await loaders.payments.load({ project: project.number, first }) }),
    goods: (project, _, { crm }) => crm.goods(project.number),
    checklists: (project, _, { crm }) => crm.checklists(project.number)
  }
}
