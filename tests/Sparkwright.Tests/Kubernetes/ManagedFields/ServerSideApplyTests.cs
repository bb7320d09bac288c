using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Patching;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.Tests.Kubernetes.ManagedFields;

/// <summary>Writes by named managers, one after the other, and what becomes of the object and of its owners.</summary>
public class ServerSideApplyTests
{
    private const string Map = "apiVersion: v1, kind: ConfigMap, metadata: {name: m}";

    private readonly ResourceTypes types = new([]);
    private readonly ApiServer api;
    private readonly ResourceRequests requests;

    public ServerSideApplyTests()
    {
        api = new ApiServer(new ObjectStore(), new Clock(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)), new Chance(1));
        api.Create(new ApiObject(CoreTypes.Namespace, new ObjectMeta { Name = "default" }, TreeMap.Empty));
        requests = new ResourceRequests(api, types);
    }

    [Fact]
    public void An_apply_creates_and_owns_what_it_says()
    {
        Assert.Equal(201, Apply("one", $"{{{Map}, data: {{a: '1', b: '2'}}}}").Code);
        Assert.Equal("one Apply {\"f:data\":{\"f:a\":{},\"f:b\":{}}}", Owners());
    }

    [Fact]
    public void What_is_no_longer_applied_goes()
    {
        Apply("one", $"{{{Map}, data: {{a: '1', b: '2'}}}}");
        Apply("one", $"{{{Map}, data: {{a: '1'}}}}");
        Assert.Equal("{\"a\":\"1\"}", Read()["data"]!.ToString());
    }

    [Fact]
    public void The_last_label_goes_and_the_name_stays()
    {
        Apply("one", "{apiVersion: v1, kind: ConfigMap, metadata: {name: m, labels: {a: b}}}");
        Assert.Equal(200, Apply("one", $"{{{Map}}}").Code);
        Assert.Null(Read().At("metadata", "labels"));
    }

    [Fact]
    public void What_another_manager_owns_too_stays()
    {
        Apply("one", $"{{{Map}, data: {{a: '1', b: '2'}}}}");
        Apply("two", $"{{{Map}, data: {{b: '2'}}}}");
        Apply("one", $"{{{Map}, data: {{a: '1'}}}}");
        Assert.Equal("{\"a\":\"1\",\"b\":\"2\"}", Read()["data"]!.ToString());
        Assert.Equal("one Apply {\"f:data\":{\"f:a\":{}}}; two Apply {\"f:data\":{\"f:b\":{}}}", Owners());
    }

    [Fact]
    public void A_conflict_names_managers_and_fields_and_changes_nothing()
    {
        Apply("one", $"{{{Map}, data: {{a: '1', b: '2'}}}}");
        var alone = Refusal(Apply("two", $"{{{Map}, data: {{a: '9'}}}}"));
        Assert.Equal((409, "Conflict", "Apply failed with 1 conflict: conflict with \"one\": .data.a"), (alone.Code, alone.Reason, alone.Message));
        Assert.Equal("[{\"field\":\".data.a\",\"message\":\"conflict with \\\"one\\\"\",\"reason\":\"FieldManagerConflict\"}]", alone.Details!["causes"]!.ToString());
        var both = Refusal(Apply("two", $"{{{Map}, data: {{a: '9', b: '9'}}}}"));
        Assert.Equal("Apply failed with 2 conflicts: conflicts with \"one\":\n- .data.a\n- .data.b", both.Message);
        Assert.Equal("{\"a\":\"1\",\"b\":\"2\"}", Read()["data"]!.ToString());
    }

    [Fact]
    public void Force_takes_fields_over()
    {
        Apply("one", $"{{{Map}, data: {{a: '1', b: '2'}}}}");
        Assert.Equal(200, Apply("two", $"{{{Map}, data: {{a: '9'}}}}", isForced: true).Code);
        Assert.Equal("one Apply {\"f:data\":{\"f:b\":{}}}; two Apply {\"f:data\":{\"f:a\":{}}}", Owners());
    }

    [Fact]
    public void An_update_owns_what_it_changes_and_conflicts_name_its_version()
    {
        Apply("one", $"{{{Map}, data: {{a: '1', b: '2'}}}}");
        Patch("three", "{data: {a: '7'}}");
        Assert.Equal("one Apply {\"f:data\":{\"f:b\":{}}}; three Update {\"f:data\":{\"f:a\":{}}}", Owners());
        Assert.Equal("Apply failed with 1 conflict: conflict with \"three\" using v1: .data.a", Refusal(Apply("one", $"{{{Map}, data: {{a: '1', b: '2'}}}}")).Message);
    }

    [Fact]
    public void A_creation_owns_places_that_it_makes()
    {
        Create("kubectl-create", $"{{{Map}, data: {{a: '1'}}}}");
        Assert.Equal("kubectl-create Update {\"f:data\":{\".\":{},\"f:a\":{}}}", Owners());
    }

    [Fact]
    public void An_object_that_nobody_was_tracked_for_belongs_to_before_first_apply()
    {
        api.Create(new ApiObject(types.Find("v1", "ConfigMap")!, new ObjectMeta { Name = "m", Namespace = "default" }, (TreeMap)Yaml.Read("{data: {a: '1'}}")));
        Patch("three", "{data: {b: '2'}}");
        Assert.Equal("", Owners());
        Assert.Contains("conflict with \"before-first-apply\" using v1: .data.a", Refusal(Apply("one", $"{{{Map}, data: {{a: '9'}}}}")).Message, StringComparison.Ordinal);
        Apply("one", $"{{{Map}, data: {{c: '3'}}}}");
        Assert.Equal("one Apply {\"f:data\":{\"f:c\":{}}}; before-first-apply Update {\"f:data\":{\".\":{},\"f:a\":{},\"f:b\":{}}}", Owners());
    }

    [Fact]
    public void Kubectl_takes_over_what_its_client_side_apply_said()
    {
        Create("kubectl-client-side-apply", "{apiVersion: v1, kind: ConfigMap, metadata: {name: m, annotations: {kubectl.kubernetes.io/last-applied-configuration: '{\"data\":{\"a\":\"1\"}}'}}, data: {a: '1', z: '0'}}");
        Assert.IsType<ApiResult.Refused>(Apply("another", $"{{{Map}, data: {{a: '2'}}}}"));
        Assert.Equal(200, Apply("kubectl", $"{{{Map}, data: {{a: '2'}}}}").Code);
        Assert.Equal(
            "{\"apiVersion\":\"v1\",\"data\":{\"a\":\"2\"},\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"m\",\"namespace\":\"default\"}}\n",
            Read().At("metadata", "annotations", Manifests.LastAppliedAnnotation)?.Text);
        Assert.IsType<ApiResult.Refused>(Apply("kubectl", $"{{{Map}, data: {{z: '2'}}}}"));
    }

    [Theory]
    //          live list           applied  result
    [InlineData("a b c", "c a", "b c a")]
    [InlineData("a b c", "a x c", "a b x c")]
    [InlineData("a", "b a", "b a")]
    [InlineData("", "a b", "a b")]
    public void Elements_stand_in_the_order_of_the_apply(string live, string applied, string wanted)
    {
        Create("other", Pod(live));
        Assert.True(Apply("one", Pod(applied)).IsAccepted);
        Assert.Equal(wanted, string.Join(' ', Pods().At("spec", "containers")!.Items.ToArray().Select(one => one["name"]?.Text)));
    }

    [Fact]
    public void Elements_are_owned_by_their_keys()
    {
        Apply("one", "{apiVersion: v1, kind: Pod, metadata: {name: m}, spec: {containers: [{name: a, image: i, ports: [{containerPort: 80}]}]}}");
        Assert.Equal(
            "one Apply {\"f:spec\":{\"f:containers\":{\"k:{\\\"name\\\":\\\"a\\\"}\":{\".\":{},\"f:image\":{},\"f:name\":{},\"f:ports\":{\"k:{\\\"containerPort\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":{\".\":{},\"f:containerPort\":{}}}}}}}",
            Owners("Pod"));
        var refusal = Refusal(Apply("two", "{apiVersion: v1, kind: Pod, metadata: {name: m}, spec: {containers: [{name: a, image: j}]}}"));
        Assert.EndsWith("conflict with \"one\": .spec.containers[name=\"a\"].image", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: m}, dat: {}}", "failed to create typed patch object (default/m; v1, Kind=ConfigMap): .dat: field not declared in schema")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: m}, immutable: 7}", "failed to create typed patch object (default/m; v1, Kind=ConfigMap): .immutable: expected boolean, got &value.valueUnstructured{Value:7}")]
    [InlineData("{apiVersion: v2, kind: ConfigMap, metadata: {name: m}}", "Incorrect version specified in apply patch. Specified patch version: v2, expected: v1")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: m, managedFields: []}}", "metadata.managedFields must be nil")]
    public void An_apply_that_cannot_be_read_is_refused(string applied, string message) => Assert.Equal(message, Refusal(Apply("one", applied)).Message);

    [Fact]
    public void Who_applies_must_say_who_it_is() =>
        Assert.Equal("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch", Refusal(Apply("", $"{{{Map}}}")).Message);

    [Fact]
    public void An_apply_that_changes_nothing_writes_nothing()
    {
        Apply("one", $"{{{Map}, data: {{a: '1'}}}}");
        var before = Read().At("metadata", "resourceVersion")?.Text;
        new EventLoop(api.Clock).RunUntil(api.Clock.Now.AddHours(1));
        Apply("one", $"{{{Map}, data: {{a: '1'}}}}");
        Assert.Equal(before, Read().At("metadata", "resourceVersion")?.Text);
    }

    [Fact]
    public void One_empty_entry_forgets_all_owners()
    {
        Apply("one", $"{{{Map}, data: {{a: '1'}}}}");
        Patch("two", "{metadata: {managedFields: [{}]}}");
        Assert.Equal("", Owners());
    }

    private static string Pod(string containers) =>
        $"{{apiVersion: v1, kind: Pod, metadata: {{name: m}}, spec: {{containers: [{string.Join(", ", containers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => $"{{name: {name}}}"))}]}}}}";

    private ApiResult Apply(string manager, string yaml, bool isForced = false)
    {
        var document = (TreeMap)Yaml.Read(yaml);
        var resource = types.Resource(types.Find("v1", document["kind"]!.Text!)!)!;
        return requests.Apply(resource, new ObjectKey("default", "m"), "", document, new WriteOptions(FieldManager: manager, Force: isForced));
    }

    private void Create(string manager, string yaml)
    {
        var document = (TreeMap)Yaml.Read(yaml);
        Assert.True(requests.Create(types.Resource(types.Find("v1", document["kind"]!.Text!)!)!, "default", document, [], new WriteOptions(FieldManager: manager)).IsAccepted);
    }

    private void Patch(string manager, string yaml) => Assert.True(requests.Patch(
        types.Resource(types.Find("v1", "ConfigMap")!)!, new ObjectKey("default", "m"), "", PatchType.Merge, Yaml.Read(yaml), [], new WriteOptions(FieldManager: manager)).IsAccepted);

    private TreeMap Read(string kind = "ConfigMap") => api.Store.Get(types.Find("v1", kind)!, "default", "m")!.ToTree();

    private TreeMap Pods() => Read("Pod");

    private string Owners(string kind = "ConfigMap") => string.Join("; ", Tree.ItemsOf(Read(kind).At("metadata", "managedFields")).ToArray()
        .Select(entry => $"{entry["manager"]?.Text} {entry["operation"]?.Text} {entry["fieldsV1"]}"));

    private static ApiStatus Refusal(ApiResult answer) => Assert.IsType<ApiResult.Refused>(answer).Status;
}
