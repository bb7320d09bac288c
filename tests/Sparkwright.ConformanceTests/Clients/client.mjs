// What people do with the Node client: lists, watches and informers. The first argument is the client's folder, the second a namespace to make.
import assert from 'node:assert';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const k8s = await import(pathToFileURL(join(process.argv[2], 'dist/index.js')));
const namespace = process.argv[3];
const config = new k8s.KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(k8s.CoreV1Api);
await core.createNamespace({ body: { metadata: { name: namespace } } });

const nodes = await core.listNode();
assert(nodes.items.length > 0 && nodes.items.every(node => node.status.nodeInfo.architecture));
const pools = await config.makeApiClient(k8s.CustomObjectsApi).listClusterCustomObject({ group: 'karpenter.sh', version: 'v1', plural: 'nodepools' });
assert.equal(pools.kind, 'NodePoolList');

// An informer lists, watches, and tells both as one story.
const told = [];
let tell;
const path = `/api/v1/namespaces/${namespace}/configmaps`;
const informer = k8s.makeInformer(config, path, () => core.listNamespacedConfigMap({ namespace }));
for (const event of ['add', 'update', 'delete']) {
    informer.on(event, map => {
        if (map.metadata.name === 'a') {
            told.push(event);
            tell?.();
        }
    });
}
// Its own end is an error to the client.
informer.on('error', fault => { assert.equal(fault.type, 'aborted'); });
await informer.start();
const until = async count => {
    while (told.length < count) {
        await new Promise(resolve => { tell = resolve; });
    }
};
const made = await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'a' }, data: { x: '1' } } });
await until(1);
made.data.y = '2';
await core.replaceNamespacedConfigMap({ namespace, name: 'a', body: made });
await until(2);
await core.deleteNamespacedConfigMap({ namespace, name: 'a' });
await until(3);
await informer.stop();
assert.deepEqual(told, ['add', 'update', 'delete']);

// A watch by hand ends by itself when its time is over.
const seen = [];
await new Promise((resolve, reject) => new k8s.Watch(config).watch('/api/v1/nodes', { timeoutSeconds: 1 }, (type, node) => seen.push(`${type} ${node.kind}`), fault => fault ? reject(fault) : resolve()));
assert.equal(seen.length, nodes.items.length);
assert(seen.every(one => one === 'ADDED Node'));

await assert.rejects(core.readNamespacedConfigMap({ namespace, name: 'a' }), fault => fault.code === 404);
await core.deleteNamespace({ name: namespace });
console.log('done');
