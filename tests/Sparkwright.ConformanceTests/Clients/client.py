"""What people do with the Python client; any step that differs from a real cluster ends the script."""

import sys

from kubernetes import client, config, watch
from kubernetes.client.rest import ApiException
from kubernetes.stream import stream

config.load_kube_config()
core = client.CoreV1Api()
space = sys.argv[1]
core.create_namespace({"metadata": {"name": space}})

# The client refuses objects that lack what the API says is always there.
nodes = core.list_node().items
assert nodes and all(node.status.node_info.architecture and node.status.node_info.kubelet_version for node in nodes)
for listing in (core.list_pod_for_all_namespaces, core.list_service_for_all_namespaces, core.list_event_for_all_namespaces, client.AppsV1Api().list_deployment_for_all_namespaces,
                client.AppsV1Api().list_daemon_set_for_all_namespaces, client.RbacAuthorizationV1Api().list_cluster_role, client.StorageV1Api().list_storage_class,
                client.ApiextensionsV1Api().list_custom_resource_definition):
    listing()
pools = client.CustomObjectsApi().list_cluster_custom_object("karpenter.sh", "v1", "nodepools")
assert pools["kind"] == "NodePoolList", pools

version = core.list_namespaced_config_map(space).metadata.resource_version
core.create_namespaced_config_map(space, client.V1ConfigMap(metadata=client.V1ObjectMeta(name="a", labels={"k": "v"}), data={"x": "1"}))
patched = core.patch_namespaced_config_map("a", space, {"data": {"y": "2"}})
assert patched.data == {"x": "1", "y": "2"}, patched
assert [one.metadata.name for one in core.list_namespaced_config_map(space, label_selector="k=v").items] == ["a"]
core.delete_namespaced_config_map("a", space)
seen = [(event["type"], event["object"].data)
        for event in watch.Watch().stream(core.list_namespaced_config_map, space, resource_version=version, timeout_seconds=1, field_selector="metadata.name=a")]
assert seen == [("ADDED", {"x": "1"}), ("MODIFIED", {"x": "1", "y": "2"}), ("DELETED", {"x": "1", "y": "2"})], seen

try:
    list(watch.Watch().stream(core.list_namespaced_config_map, space, resource_version="1", timeout_seconds=1))
    raise AssertionError("a version that is too old was watched")
except ApiException as fault:
    assert fault.status == 410, fault

try:
    core.read_namespaced_config_map("a", space)
    raise AssertionError("what was deleted is still there")
except ApiException as fault:
    assert fault.status == 404 and '"reason":"NotFound"' in fault.body, fault

coredns = [pod for pod in core.list_namespaced_pod("kube-system").items if pod.metadata.name.startswith("coredns")][0]
core.read_namespaced_pod_log(coredns.metadata.name, "kube-system")
try:
    stream(core.connect_get_namespaced_pod_exec, coredns.metadata.name, "kube-system", command=["ls"], stdout=True)
    raise AssertionError("a command ran in a simulated container")
except ApiException as fault:
    assert "501" in str(fault), fault

scaled = client.AppsV1Api().read_namespaced_deployment_scale("coredns", "kube-system")
assert scaled.spec.replicas >= 1, scaled
core.delete_namespace(space)
print("done")
