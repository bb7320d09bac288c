namespace Sparkwright.ConformanceTests;

/// <summary>EC2 through the real aws CLI.</summary>
public class AwsEc2Tests(RunningPlatform platform)
{
    [Fact]
    public async Task The_network_the_nodes_and_the_offers_of_a_region_are_described()
    {
        AwsShell.SkipWithoutAws();
        var (code, output) = await AwsShell.Run(platform, """
            set -e
            say() { aws ec2 "$@" --output text | tr '\t' ' '; }
            node=core-node-group
            say describe-instances --filters Name=instance-state-name,Values=running Name=instance-type,Values='m5.*' Name=tag:Name,Values="*$node*" --query 'length(Reservations[])'
            aws ec2 describe-instances --max-items 2 --page-size 5 --query 'length(Reservations[])' --output json
            say describe-instances --filters Name=instance-type,Values=m5.xlarge --query 'Reservations[0].Instances[0].[State.Code, Architecture, SubnetId != null, type(LaunchTime)]'
            say describe-subnets --filters Name=tag:Name,Values='emr-eks-karpenter-private*' --query 'Subnets[].AvailabilityZone | sort(@)'
            say describe-vpcs --query 'Vpcs[].[State, IsDefault]'
            say describe-security-groups --filters Name=group-name,Values='*-node' --query 'SecurityGroups[].[GroupName, IpPermissions[0].IpProtocol]'
            say describe-launch-template-versions --launch-template-name "$(say describe-launch-templates --query 'LaunchTemplates[0].LaunchTemplateName')" --versions '$Default' --query 'LaunchTemplateVersions[].VersionNumber'
            say describe-instance-types --instance-types r5d.4xlarge --query 'InstanceTypes[].[VCpuInfo.DefaultVCpus, MemoryInfo.SizeInMiB, InstanceStorageInfo.Disks[0].Count]'
            say describe-instance-type-offerings --location-type availability-zone --filters Name=instance-type,Values=r5d.4xlarge --query 'InstanceTypeOfferings[0].[Location]'
            say describe-spot-price-history --instance-types r5d.4xlarge --product-descriptions Linux/UNIX --availability-zone us-west-2b --query 'SpotPriceHistory[].[InstanceType, ProductDescription]'
            say describe-availability-zones --query 'AvailabilityZones[0].[ZoneName, ZoneId]'
            say describe-images --owners amazon --filters Name=architecture,Values=arm64 --query 'Images[0].State'
            subnet=$(say describe-subnets --query 'Subnets[0].SubnetId')
            aws ec2 create-tags --resources $subnet --tags Key=team,Value='a b'
            say describe-tags --filters Name=resource-id,Values=$subnet Name=key,Values=team --query 'Tags[].[ResourceType, Value]'
            aws ec2 delete-tags --resources $subnet --tags Key=team
            template=$(aws fis create-experiment-template --description spot --role-arn arn:aws:iam::111122223333:role/fis --stop-conditions source=none \
                --targets 'spot={resourceType=aws:ec2:spot-instance,resourceTags={a=b},selectionMode=ALL}' \
                --actions 'go={actionId=aws:ec2:send-spot-instance-interruptions,parameters={durationBeforeInterruption=PT2M},targets={SpotInstances=spot}}' --query experimentTemplate.id --output text)
            aws fis get-experiment --id $(aws fis start-experiment --experiment-template-id $template --query experiment.id --output text) --query 'experiment.state.[status, reason]' --output text
            aws ec2 describe-subnets --dry-run 2>&1 | grep -o DryRunOperation
            aws ec2 terminate-instances --instance-ids i-00000000000000000 2>&1 | grep -o 'InvalidInstanceID.NotFound'
            aws ec2 run-instances --image-id ami-1 2>&1 | grep -o 'InvalidAction.*does not have the operation RunInstances'
            """);
        Assert.True(code == 0, output);
        Assert.Equal(
            """
            3
            2
            16 x86_64 True string
            us-west-2a us-west-2b us-west-2c
            available False
            emr-eks-karpenter-node -1
            1
            16 131072 2
            us-west-2a
            r5d.4xlarge Linux/UNIX
            us-west-2a usw2-az1
            available
            subnet a b
            failed	Target resolution returned empty set
            DryRunOperation
            InvalidInstanceID.NotFound
            InvalidAction) when calling the RunInstances operation: The simulated ec2 does not have the operation RunInstances

            """,
            output);
    }
}
