using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Spark;

/// <summary>spark-submit in cluster mode: makes the driver pod, then what belongs to it.</summary>
public static class SparkSubmit
{
    /// <summary>The application's record, or the refusal of the driver pod.</summary>
    public static ApiResult Submit(ApiServer api, SparkSubmission submission)
    {
        var (identity, settings) = (submission.Identity, submission.Settings);
        var created = api.Create(SparkPods.Driver(settings, identity, submission.DriverTemplate, submission.Owners));
        if (created.Object is not { } driver)
        {
            return created;
        }

        api.Create(SparkPods.PropertiesMap(settings, identity, identity.DriverConfigMap, driver));
        api.Create(TemplateMap(submission, driver));
        api.Create(SparkPods.DriverService(settings, identity, driver));
        return api.Create(new ApiObject(
            SparkTypes.Application,
            new ObjectMeta { Name = identity.ApplicationId, Labels = submission.Labels },
            TreeMap.Of(
                ("spec", SparkApplication.SpecOf(submission, driver.Metadata.Uid)),
                ("status", TreeMap.Of(("phase", ApplicationStatus.Starting))))));
    }

    private static ApiObject TemplateMap(SparkSubmission submission, ApiObject driver) => new(
        CoreTypes.ConfigMap,
        new ObjectMeta
        {
            Name = submission.Identity.TemplateConfigMap,
            Namespace = submission.Identity.Namespace,
            Labels = TreeMap.Of((SparkNames.ApplicationLabel, submission.Identity.ApplicationId)),
            OwnerReferences = [driver.AsOwner()],
        },
        TreeMap.Of(("data", TreeMap.Of(("pod-spec-template.yml", submission.ExecutorTemplate.ToString())))));
}
