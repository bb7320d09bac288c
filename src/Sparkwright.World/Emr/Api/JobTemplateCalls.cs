using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Spark;

namespace Sparkwright.World.Emr.Api;

/// <summary>The operations on job templates.</summary>
internal sealed class JobTemplateCalls(ObjectStore store, JobTemplates templates)
{
    public AwsAnswer Create(AwsCall call) => JobTemplateReader.Check(call.Input) is { } refusal ? EmrAnswers.Refuse(refusal) : EmrAnswers.Of(
        templates.Create(call.Input, call.Caller.Arn),
        done => EmrAnswers.Made(done).With("createdAt", Instants.Print(templates.Get(done.Id)!.Metadata.CreationTimestamp)));

    public AwsAnswer Describe(AwsCall call) => EmrAnswers.WrongIds(call, "id") is { } wrong ? wrong
        : templates.Get(call.Text("id")!) is { } known ? AwsAnswer.Ok(("jobTemplate", Print(known)))
        : EmrAnswers.Refuse(EmrRefusal.NotFound($"Job template {call.Text("id")} doesn't exist."));

    public AwsAnswer List(AwsCall call) => EmrAnswers.Page(call, "templates", [], filter => filter.Youngest(store.List(EmrTypes.JobTemplate)), Print);

    public AwsAnswer Delete(AwsCall call) => EmrAnswers.WrongIds(call, "id") is { } wrong ? wrong
        : templates.Delete(call.Text("id")!) is { } refusal ? EmrAnswers.Refuse(refusal)
        : AwsAnswer.Ok(("id", call.Text("id")));

    private static TreeMap Print(ApiObject template) => EmrResources.Print(template)
        .With("createdBy", template.Spec["createdBy"])
        .With("jobTemplateData", template.Spec.At("request", "jobTemplateData"))
        .With("kmsKeyArn", template.Spec.At("request", "kmsKeyArn"));
}
