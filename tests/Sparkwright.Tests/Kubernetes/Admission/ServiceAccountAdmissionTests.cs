using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.Tests.Kubernetes.Admission;

public class ServiceAccountAdmissionTests
{
    private const string Mount = "/var/run/secrets/kubernetes.io/serviceaccount";

    [Theory]
    //          the account                                 the pod's spec                                            token  pull secrets
    [InlineData("{}", "{}", true, "")]
    [InlineData("{automountServiceAccountToken: false}", "{}", false, "")]
    [InlineData("{automountServiceAccountToken: false}", "{automountServiceAccountToken: true}", true, "")]
    [InlineData("{}", "{automountServiceAccountToken: false}", false, "")]
    [InlineData("{imagePullSecrets: [{name: a}]}", "{}", true, "a")]
    [InlineData("{imagePullSecrets: [{name: a}]}", "{imagePullSecrets: [{name: b}]}", true, "b")]
    [InlineData("{}", "{containers: [{name: c, volumeMounts: [{name: own, mountPath: " + Mount + "}]}]}", false, "")]
    public void A_pod_gets_what_its_account_gives(string account, string spec, bool hasToken, string secrets)
    {
        var admitted = Admit(account, spec);
        var volumes = Tree.ItemsOf(admitted.Spec["volumes"]).ToArray();
        Assert.Equal(hasToken, volumes.Any(volume => volume["projected"] is not null));
        Assert.Equal(hasToken, admitted.Spec["containers"]!.Items[0]["volumeMounts"] is { } mounts && mounts.Items[^1]["name"]?.Text == volumes.LastOrDefault()?["name"]?.Text);
        Assert.Equal(secrets, string.Join(' ', Tree.ItemsOf(admitted.Spec["imagePullSecrets"]).ToArray().Select(one => one["name"]?.Text)));
    }

    [Fact]
    public void The_volume_holds_a_token_the_authority_and_the_namespace()
    {
        var volume = Admit("{}", "{}").Spec["volumes"]!.Items[0];
        Assert.Matches("^kube-api-access-[a-z0-9]{5}$", volume["name"]?.Text);
        Assert.Equal(
            "{\"defaultMode\":420,\"sources\":[{\"serviceAccountToken\":{\"expirationSeconds\":3607,\"path\":\"token\"}},"
                + "{\"configMap\":{\"items\":[{\"key\":\"ca.crt\",\"path\":\"ca.crt\"}],\"name\":\"kube-root-ca.crt\"}},"
                + "{\"downwardAPI\":{\"items\":[{\"fieldRef\":{\"apiVersion\":\"v1\",\"fieldPath\":\"metadata.namespace\"},\"path\":\"namespace\"}]}}]}",
            volume["projected"]?.ToString());
    }

    [Fact]
    public void An_account_that_is_not_there_is_a_refusal() => Assert.Equal(
        "pods \"p\" is forbidden: error looking up service account home/nobody: serviceaccount \"nobody\" not found",
        Assert.IsType<AdmissionVerdict.Refused>(new ServiceAccountAdmission(new ObjectStore(), new Chance(1)).Admit(Pod("{serviceAccountName: nobody}"), null)).Status.Message);

    private static ApiObject Admit(string account, string spec)
    {
        var store = new ObjectStore();
        store.Put(new ApiObject(CoreTypes.ServiceAccount, new ObjectMeta { Name = "default", Namespace = "home" }, (TreeMap)Yaml.Read(account)));
        return Assert.IsType<AdmissionVerdict.Accepted>(new ServiceAccountAdmission(store, new Chance(1)).Admit(Pod(spec), null)).Candidate;
    }

    private static ApiObject Pod(string spec) => new(
        CoreTypes.Pod,
        new ObjectMeta { Name = "p", Namespace = "home", Uid = "u" },
        TreeMap.Of(("spec", TreeMap.Of(("containers", TreeList.Of(TreeMap.Of(("name", "c"))))).Merge((TreeMap)Yaml.Read(spec)))));
}
