using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Tests.Kubernetes.Schema;

public class ApiVersionOrderTests
{
    [Fact]
    public void Stable_versions_come_after_betas_and_alphas() => Assert.Equal(
        ["foo10", "foo1", "v1alpha1", "v11alpha2", "v12alpha1", "v3beta1", "v10beta3", "v11beta2", "v1", "v2", "v10"],
        new[] { "v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "v1alpha1", "foo1", "foo10" }.Order(Comparer<string>.Create(ApiVersionOrder.Compare)));
}
